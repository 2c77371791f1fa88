import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { SourceCheck } from '@daybook/core';
import { SourceError } from '../source.ts';

/** Tries something; `ask` answers how much it found. */
export async function checkOf(code: string, ask: () => Promise<number>): Promise<SourceCheck> {
  try {
    return { ok: true, code, count: await ask() };
  } catch (error) {
    const detail = error instanceof SourceError ? error.sentence.detail : (error as Error).message;
    return { ok: false, code, ...(detail !== undefined && { detail }) };
  }
}

/** Whether a file can be read. */
export async function checkFile(code: string, path: string): Promise<SourceCheck> {
  return await access(path, constants.R_OK).then(
    () => ({ ok: true, code, detail: path }),
    (error: Error) => ({ ok: false, code, detail: error.message }),
  );
}
