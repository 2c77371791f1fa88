import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { NumberService } from './numbers.ts';
import type { Policy } from './policy.ts';
import type { Receptions } from './reception.ts';

/** What taking bundles in needs, whoever brings them. */
export interface IntakeParts {
  readonly jobs: Jobs;
  readonly receptions: Receptions;
  readonly policy: Policy;
  readonly numbers: NumberService | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long an upload waits for its sender, milliseconds. */
  readonly expiry: number;
}
