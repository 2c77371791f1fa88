import { DaybookError } from '@daybook/core';
import type { ObjectStore } from '../archive/object-store.ts';
import type { ReceiptKey } from '../archive/receipt-key.ts';
import type { Clock } from '../clock.ts';
import type { Store } from '../storage/index.ts';
import { TarFault, tarRules } from '../tar/tar-fault.ts';
import type { TarThreads } from '../tar/tar-threads.ts';
import { BundleFault } from './bundle-fault.ts';

/** What receiving bundles takes. */
export interface ReceptionParts {
  readonly store: Store;
  readonly objects: ObjectStore;
  readonly threads: TarThreads;
  /** Made when the first receipt is signed. */
  key(): ReceiptKey;
  readonly clock: Clock;
  /** This process, among all that receive. */
  readonly owner: string;
}

/** How long a process may be silent before another takes over its receptions, milliseconds. */
export const RECEPTION_LEASE = 30_000;
/** How long what nobody goes on with is kept, milliseconds. */
export const ABANDONED = 24 * 3_600_000;

/** In which task the replaced system's clients see a refused tar fail (contracts/pacifica.md). */
const tasks = { early: 'open tar', refused: 'open tar', cut: 'load metadata' } as const;

/** What the doors know: a fault of the bundle, or that it cannot be stored just now. */
export function translated(error: unknown): unknown {
  if (error instanceof TarFault)
    return new BundleFault(
      tasks[tarRules[error.rule].kind],
      error.rule,
      `The tar is refused: ${error.message}.`,
    );
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof DaybookError || error instanceof BundleFault || code === undefined) return error;
  return new DaybookError('unavailable', storeTrouble(code), { cause: error });
}

function storeTrouble(code: string): string {
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return 'The archive is full. Go on, or send it again, when there is room.';
  return `The archive cannot be written to (${code}). Go on, or send it again, in a while.`;
}
