import { told } from './squeue.ts';

/** What only `scontrol show job` tells. */
export interface SlurmDetail {
  readonly logFile?: string | undefined;
  /** How often it was requeued. */
  readonly tries: number;
}

/**
 * Reads `scontrol -o show job`, by raw number. Of what can stand in names and comments, too, the occurrence is taken that
 * Slurm itself wrote: restarts come right after the name, the path of the log comes after everything that users write.
 */
export function parseScontrol(text: string): Map<string, SlurmDetail> {
  const details = new Map<string, SlurmDetail>();
  for (const record of text.split(/^(?=JobId=\d+ )/m)) {
    const id = /^JobId=(\d+) /.exec(record)?.[1];
    const restarts = /\sRestarts=(\d{1,6})\s/.exec(record)?.[1];
    if (id === undefined || restarts === undefined) continue;
    const output = /.*\sStdOut=(.*?)(?:\s+\w[\w:/]*=|\s*$)/s.exec(record)?.[1];
    const logFile = told(output);
    details.set(id, { tries: Number(restarts), ...(logFile?.startsWith('/') && { logFile }) });
  }
  return details;
}
