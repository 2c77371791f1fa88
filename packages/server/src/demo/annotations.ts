import type { AnalysisStatus, JobCreate, JobPatch } from '@daybook/core';
import { DAY, HOUR } from './calendar.ts';
import type { Random } from './random.ts';
import type { Story } from './story.ts';
import { type Variant, verdictOf } from './variants.ts';

/** What people have written about a job by now. */
export type Annotation = Pick<JobPatch, 'analysisStatus' | 'assessment' | 'summary'>;

/** How a job came out, for whoever writes about it. */
export interface Ended {
  readonly story: Story;
  readonly create: JobCreate;
  readonly variant: Variant | undefined;
  /** Milliseconds since it ended. */
  readonly age: number;
}

/** What somebody wrote about a job that has ended: nearly always about older ones, rarely yet about today's. */
export function annotationOf(ended: Ended, random: Random): Annotation {
  const analysisStatus = analysisOf(ended, random);
  if (analysisStatus !== 'done') return { analysisStatus };
  return { analysisStatus, ...findings(ended, random) };
}

function analysisOf({ age, variant, story }: Ended, random: Random): AnalysisStatus {
  // Nobody studies a backup that went well.
  if (variant === undefined && story.outcome === 'succeeded') return age > 2 * HOUR ? 'done' : 'open';
  const done = age > 4 * DAY ? 0.93 : age > 2 * DAY ? 0.6 : age > DAY ? 0.3 : 0.08;
  if (random.chance(done)) return 'done';
  return random.chance(age > DAY ? 0.5 : 0.2) ? 'ongoing' : 'open';
}

function findings(ended: Ended, random: Random): Annotation {
  const { story, variant, age } = ended;
  switch (story.outcome) {
    case 'succeeded':
    case 'finished':
      return variant === undefined ? {} : studied(variant, age, random);
    case 'canceled':
      return { assessment: 'obsolete' };
    case 'other':
      return {
        assessment: 'other',
        summary: `Ran to ${random.whole(84, 97)} % of the end time. Peak values are in, the rebound is not.`,
      };
    case 'failed':
      return failed(story);
    case 'silent':
      return {};
  }
}

function studied(variant: Variant, age: number, random: Random): Annotation {
  const { assessment, summary } = verdictOf(variant, random);
  if (age > 16 * DAY && random.chance(0.12))
    return { assessment: 'obsolete', summary: `${summary} Superseded by the new seat anchorage.` };
  return { assessment, summary };
}

function failed({ failure }: Story): Annotation {
  if (failure?.isPassing)
    return { assessment: 'obsolete', summary: 'Nothing to do with the job itself. Submitted again.' };
  return { assessment: 'issue', summary: failure?.remedy ?? 'Found and corrected.' };
}
