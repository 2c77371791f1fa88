import type { Message } from '../message.ts';

/** The pages of configurations: what they weigh, what they really took, and what became of their versions. */
export const configurations = {
  'field.configurationVersion': 'Version',

  'configurations.explain':
    'A configuration names the steps of a kind of job and how much each of them weighs. Progress and time left come from it.',
  'configurations.empty': 'No configurations yet',
  'configurations.empty.explain':
    'Jobs work without one. With one, their progress is weighted, and Daybook learns how long each step takes:',
  'configurations.tag': 'Tag',
  'configurations.share': 'Share',
  'configurations.jobs': 'Its jobs',

  'configurations.steps': 'Steps of version {version}',
  'configurations.byPoints': 'by points',
  'configurations.byTime': 'in reality',
  'configurations.median': 'Median',
  'configurations.p90': '9 of 10 under',
  'configurations.realShare': 'Really',
  'configurations.measuredBy': {
    one: 'Measured by {count} succeeded job.',
    other: 'Measured by the last {count} succeeded jobs.',
  },
  'configurations.whole': 'Half of them took less than {median}, nine of ten less than {most}.',
  'configurations.notMeasured': 'No job of it has succeeded yet: what its steps really take is not known.',

  'configurations.foretold': 'How well the end is foretold',
  'configurations.foretold.none':
    'Not known yet: it takes five succeeded jobs that said on the way how far they were.',
  'configurations.foretold.at': 'Said at',
  'configurations.foretold.within': '4 of 5 within',
  'configurations.foretold.late': 'In the middle',
  'configurations.jobCount': 'Jobs',
  'configurations.foretold.later': '{time} later than said',
  'configurations.foretold.sooner': '{time} sooner than said',
  'configurations.foretold.exact': 'as said',

  'configurations.versions': 'Versions',
  'configurations.lastUsed': 'Last used',
  'configurations.never': 'never',
  'configurations.whatChanged': 'What changed',
  'configurations.first': 'the first version',
  'configurations.same': 'the same content',
  'configurations.change.added': { one: '{count} step added', other: '{count} steps added' },
  'configurations.change.removed': { one: '{count} step removed', other: '{count} steps removed' },
  'configurations.change.points': { one: 'points of {count} step', other: 'points of {count} steps' },
  'configurations.change.renamed': { one: '{count} step renamed', other: '{count} steps renamed' },
  'configurations.change.moved': { one: '{count} step moved', other: '{count} steps moved' },
  'configurations.change.metadata': { one: 'figures of {count} step', other: 'figures of {count} steps' },
  'configurations.step.added': 'added',
  'configurations.step.removed': 'removed',
  'configurations.step.points': 'points',
  'configurations.step.renamed': 'was “{name}”',
  'configurations.step.moved': 'moved',
  'configurations.step.metadata': 'figures',

  'configurations.sideBySide': 'Side by side',
  'configurations.before': 'Before',
  'configurations.after': 'After',

  'configurations.measure': 'Set points from real durations',
  'configurations.measure.title': 'Points from real durations',
  'configurations.measure.explain':
    'Makes version {version}, whose points are the seconds that each step usually takes. Jobs that exist keep their version; new ones get this one.',
  'configurations.measure.confirm': 'Make version {version}',
  'configurations.measure.done': 'Version {version} is there',
  'configurations.measure.same': 'The points are as the steps really take: nothing to change',

  'configurations.new': 'New configuration',
  'configurations.make': 'Make the configuration',
  'configurations.edit': 'Next version of {name}',
  'configurations.edit.explain':
    'Versions never change: what you write here becomes a new one. Jobs that exist keep theirs; new ones get this one.',
  'configurations.tag.hint': 'What scripts call it. It cannot be changed later.',
  'configurations.tagTaken': 'there is one of this tag already',
  'configurations.versionTaken': 'is taken by other content: give it another',
  'configurations.step.add': 'Add a step',
  'configurations.step.number': 'Step {number}',
  'configurations.step.up': 'Move up: {step}',
  'configurations.step.down': 'Move down: {step}',
  'configurations.step.tagTaken': 'is the tag of step {number} already',
  'configurations.compare': 'Compare and save',
  'configurations.compare.title': 'Version {version}',
  'configurations.compare.explain': 'This is what it changes. Jobs that exist keep their version.',
  'configurations.renamed': 'It was called “{before}” and will be called “{after}”.',
  'configurations.draftBehind':
    'These changes were made on version {from}. There is version {latest} by now; they are compared with that one.',

  'timeLeft.usually': 'usually within ± {error}',
  'timeLeft.usually.hint':
    'Four in five jobs of this configuration ended this close to what was said when they were as far, or closer',
  'timeLeft.short': '{left} left',
  'timeLeft.short.underMinute': '<1 m left',
  'timeLeft.runsAnd': 'runs for {duration}; {left}',
  'step.usual': 'usually {median}',
  'step.usual.hint': {
    one: '{count} past job took {median}',
    other: 'Of {count} past jobs half took less than {median}, nine of ten less than {most}',
  },
} as const satisfies Record<string, Message>;
