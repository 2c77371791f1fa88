/** What went wrong with reporting; never with the job, which goes on. */
export interface ReportingProblem {
  /**
   * - `away`: the server does not answer, or does not let us in; the record waits in the spool
   * - `refused`: the server will not take the job or an event as it is
   * - `disk`: the spool cannot be written; the record is kept in memory as far as it fits
   * - `dropped`: log lines were left out, because the spool is full
   * - `lost`: what was neither delivered nor written when the job ended is gone
   * - `input`: what the script passed could not be reported as it was
   */
  readonly kind: 'away' | 'refused' | 'disk' | 'dropped' | 'lost' | 'input';
  /** One sentence for people. */
  readonly message: string;
  readonly error?: Error;
}

export type OnProblem = (problem: ReportingProblem) => void;

/** The default: the first problem of each kind is one warning of the process, the rest is silence. */
export function warnOnce(): OnProblem {
  const told = new Set<string>();
  return ({ kind, message }) => {
    if (told.has(kind)) return;
    told.add(kind);
    process.emitWarning(message, 'DaybookWarning');
  };
}

/** A listener that throws must not break the job that is reported on. */
export function guarded(listener: OnProblem): OnProblem {
  return (problem) => {
    try {
      listener(problem);
    } catch {
      // Nobody is left to tell.
    }
  };
}
