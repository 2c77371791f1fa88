import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Bundle } from '@daybook/core';
import { expect } from 'vitest';
import { Diary, type Ended } from '../cli/diary.ts';

/** What every bundle must say. */
export const said = ['--project', '1234a', '--instrument', '54', '--submitter', '10'];

/** A real server, and the command line beside it, with files of its own. */
export class CliDesk {
  readonly diary: Diary;

  private constructor(diary: Diary) {
    this.diary = diary;
  }

  static async open(): Promise<CliDesk> {
    return new CliDesk(await Diary.open());
  }

  /** Where uploads are remembered. */
  get env(): NodeJS.ProcessEnv {
    return { XDG_STATE_HOME: this.at('state') };
  }

  at(path: string): string {
    return join(this.diary.folder, path);
  }

  async daybook(...words: string[]): Promise<Ended> {
    return await this.diary.daybookWith({ env: this.env, cwd: this.diary.folder }, ...words);
  }

  write(files: Readonly<Record<string, string | Buffer>>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(this.at(path)), { recursive: true });
      writeFileSync(this.at(path), content);
    }
  }

  rememberedUploads(): string[] {
    const folder = this.at('state/daybook/uploads');
    return existsSync(folder) ? readdirSync(folder) : [];
  }

  async bundleOf(job: number): Promise<Bundle> {
    const { items } = await this.diary.get<{ items: Bundle[] }>(`/bundles?jobId=${job}`);
    return items[0] as Bundle;
  }
}

/** It ended well; else what it said is shown. */
export function expectFine({ code, stderr }: Ended): void {
  expect([code, stderr]).toEqual([0, stderr]);
}

/** The job that `daybook ingest` has printed. */
export function jobIn({ stdout }: Ended): number {
  return Number(stdout.trim());
}
/** Names that make trouble: for manifests, for URIs, for terminals. */
export const troublesomeFiles = {
  'run/plain.txt': 'plain',
  'run/twin.txt': 'plain',
  'run/empty': '',
  'run/ünï code/100% a b#?.txt': 'x',
  'run/line\nbreak.csv': '1,2\n',
  [`run/${'deep/'.repeat(25)}long.bin`]: Buffer.alloc(3_000, 'long '),
  'run/evil\u202egpj.exe': 'MZ',
};
