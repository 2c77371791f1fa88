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
    const logFile = told(lastOf(record, ' StdOut='));
    details.set(id, { tries: Number(restarts), ...(logFile?.startsWith('/') && { logFile }) });
  }
  return details;
}

/** The value of the last occurrence of a key, as far as the next key; without a pattern that looks back, since users write long texts. */
function lastOf(record: string, key: string): string | undefined {
  const at = record.lastIndexOf(key);
  if (at < 0) return undefined;
  const value = record.slice(at + key.length);
  const end = value.search(/\s\w[\w:/]*=/);
  return (end < 0 ? value : value.slice(0, end)).trim();
}
