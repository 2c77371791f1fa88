import { JobReports } from '../reporting/job-reports.ts';
import type { OnProblem } from '../reporting/problem.ts';
import type { Reporter } from '../reporting/reporter.ts';

export interface Holding {
  readonly attempt: number;
  readonly leaseToken: string;
  readonly signal: AbortSignal;
}

/** What a handler reports with, and hears from. Nothing here throws or waits for the network, except `flush`. */
export class WorkContext extends JobReports {
  /** Which try this is, from 1 on. */
  readonly attempt: number;
  /**
   * Aborted when the work is to end: its `reason` is a `JobCanceledError`, `LeaseLostError` or `WorkerStoppingError`. Pass it
   * on to whatever takes one, or look at `signal.aborted` between two steps.
   */
  readonly signal: AbortSignal;
  /** Proof that this worker holds the job, for those who report on it by other ways (header `Lease-Token`). A secret. */
  readonly leaseToken: string;

  /** @internal Made by the worker. */
  constructor(reporter: Reporter, onProblem: OnProblem, { attempt, signal, leaseToken }: Holding) {
    super(reporter, onProblem);
    this.attempt = attempt;
    this.signal = signal;
    this.leaseToken = leaseToken;
  }
}
