import type { Message } from '../message.ts';

/** What the diary in the browser says besides {@link pages}: its frame, its list, its reference pages. */
export const diary = {
  'shell.demo':
    'Demo: the jobs here are invented, and some of them run right now. Nothing you change matters.',
  'shell.personMenu': 'Menu of {name}',
  'shell.open.nothing': 'Nothing begins like this',
  'shell.goHelp': 'go to the help',
  'shell.goConfigurations': 'go to the configurations',
  'shell.goApi': 'go to the API reference',

  'signIn.link.where':
    'Nobody has a password yet? On its first start Daybook prints a one-time sign-in link; an admin can make more of them.',
  'signIn.welcome': 'Welcome, {name}',
  'signIn.setPassword': 'Set password',
  'signIn.setPassword.explain':
    'You are signed in. The link works only once, so set a password for the next time.',
  'signIn.setPassword.later': 'Later',

  'greeting.drafts': {
    one: 'Not saved yet: your changes of job',
    other: 'Not saved yet: your changes of the jobs',
  },
  'greeting.waitingAll': {
    one: '{count} job has ended and waits for a verdict',
    other: '{count} jobs ended and wait for a verdict',
  },
  'list.count': { '=0': 'no jobs', one: '{total} job', other: '{total} jobs' },
  'list.showMore': { one: '{count} more', other: '{count} more' },
  'list.sort.ended': 'last ended first',
  'list.noMatch.explain': 'Nothing passes all of these filters at once.',
  'list.leftOut': 'Left out of the filters, because there is no such value: {values}',
  'list.empty.first': 'Your first job has arrived: show it',
  'list.empty.askForKey': 'Ask an admin for one.',

  'job.list': 'List',
  'job.tab.terminal': 'From the terminal',
  'job.waits': 'waits for {duration}',
  'job.runs': 'runs for {duration}',
  'job.raw.label': 'Job {id} as the API answers it',
  'job.terminal.explain':
    'The same job from a shell or a script. The commands read the address and the key from the environment.',
  'job.terminal.settings': 'Once per shell',
  'job.terminal.command': 'The daybook command',
  'job.terminal.read': 'Read the job',
  'job.terminal.log': 'Its log as plain text',
  'job.terminal.follow': 'Follow it live',
  'job.terminal.report': 'Report progress',

  'timeline.progress': '{percent} %',
  'timeline.stepPercent': 'step {step}: {percent} %',
  'timeline.retry': 'queued again as attempt {attempt}',
  'timeline.correction': 'corrected to {status}',
  'timeline.metadata': 'metadata: {names}',
  'timeline.file': 'file',
  'timeline.link': 'link',
  'timeline.annotation': 'annotated',
  'timeline.annotated': 'changed: {fields}',
  'unapplied.illegal_transition': 'noted, but the job could not take this status then',
  'unapplied.unknown_step': 'noted; the configuration has no such step',
  'unapplied.step_is_over': 'noted late; the step was over',
  'unapplied.job_is_over': 'noted late; the job was over',
  'unapplied.too_many_steps': 'noted; the job has too many steps already',
  'unapplied.metadata_too_large': 'noted, not merged: the metadata would be too large',

  'keys.begins': 'Begins with',
  'keys.isRevoked': 'revoked',
  'keys.isExpired': 'expired',

  'users.explain':
    'Whoever signs in here. Viewers and editors see the projects that they are granted. A new user gets a one-time sign-in link from you.',
  'users.add': 'Add a user',
  'users.name.hint': 'Short and in small letters, best the one they bear on the cluster',
  'users.projects': 'Projects',
  'users.projects.hint': 'Names between spaces; * grants all of them',
  'users.allProjects': 'all',
  'users.disabled': 'disabled',
  'users.disable': 'Disable',
  'users.enable': 'Enable again',
  'users.link': 'Make a sign-in link',
  'users.link.title': 'Sign-in link for {name}',
  'users.link.explain':
    'Hand it over in private: it works once, for whoever opens it first, and is not shown again.',

  'about.engine': 'Database',

  'help.transitions': 'How a status may change',
  'help.transitions.explain':
    'Whoever reports, the same table decides. What does not fit it is noted in the timeline and changes nothing.',
  'help.transitions.alt':
    'Diagram of the statuses of a job and the ways between them; the table below says the same in words',
  'help.transitions.table': 'The whole table',
  'help.transitions.from': 'from',
  'cause.report': 'whoever runs the job reports it',
  'cause.source': 'only a source that watches it',
  'cause.retry': 'somebody asks for a new attempt',
  'cause.correction': 'a person says how it really ended',
  'cause.claim': 'the queue hands it to a worker',
  'cause.requeue': 'the queue takes it back from its worker',
  'cause.report.short': 'report',
  'cause.source.short': 'source',
  'cause.retry.short': 'retry',
  'cause.correction.short': 'correction',
  'cause.claim.short': 'claim',
  'cause.requeue.short': 'requeue',
  'cause.any': 'any',
  'help.keys': 'Keys',
  'help.keys.everywhere': 'Everywhere',
  'help.keys.job': 'Page of a job',
  'help.filters': 'Counts beside the list',
  'help.filters.explain':
    'A click on a value narrows the list to it, with shift it is added to those that are chosen. The address of the page holds all of it: copy it to show a colleague the same list.',
  'help.errors.explain':
    'Every error of the API has a stable code. Its answer leads to the line here that explains it.',

  'api.explain': 'Everything the diary does, a script can do too. The same description for programs:',
  'api.operations': 'Operations',
  'api.find': 'Find an operation',
  'api.schemas': 'Schemas',
  'api.body': 'Body',
  'api.required': 'required',
} as const satisfies Record<string, Message>;
