import { hostname } from 'node:os';
import { limits } from '@daybook/core';
import { DaybookUsageError } from '../http/errors.ts';
import { cleanLabel } from '../reporting/text.ts';

export interface WorkerOptions {
  /** Only jobs of these configurations (their tags); of all that one may see when left out. */
  readonly configurations?: readonly string[];
  /** Only jobs with these operations. */
  readonly operations?: readonly string[];
  /** Most jobs at once, 1–500; 1 when left out. */
  readonly concurrency?: number;
  /** What people see of who does a job; host and process number when left out. */
  readonly name?: string;
}

export interface CheckedOptions {
  readonly configurations?: string[];
  readonly operations?: string[];
  readonly concurrency: number;
  readonly name: string;
}

/** @throws DaybookUsageError with all faults */
export function checkedOptions(options: WorkerOptions): CheckedOptions {
  const { configurations, operations, concurrency = 1, name = `${hostname()}:${process.pid}` } = options;
  const faults = [
    ...listFaults('configurations', configurations),
    ...listFaults('operations', operations),
    ...(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= limits.leasesPerRequest
      ? []
      : [{ path: 'concurrency', message: `must be a whole number from 1 to ${limits.leasesPerRequest}` }]),
  ];
  if (faults.length > 0) throw new DaybookUsageError('this worker cannot be started', faults);
  return {
    concurrency,
    name: cleanLabel(name, limits.tag),
    ...(configurations !== undefined && { configurations: [...configurations] }),
    ...(operations !== undefined && { operations: [...operations] }),
  };
}

/** An empty list would claim nothing, which nobody means. */
function listFaults(path: string, list: readonly string[] | undefined) {
  if (list === undefined) return [];
  const most = limits.configurationsPerClaim;
  return list.length >= 1 && list.length <= most ? [] : [{ path, message: `must name 1 to ${most}` }];
}
