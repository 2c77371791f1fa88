import { vi } from 'vitest';

/** Waits until the check passes; the limit is for what hangs, because these machines are small and shared. */
export function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 20_000 });
}
