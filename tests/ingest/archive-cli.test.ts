import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Job } from '@daybook/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CliDesk, expectFine, jobIn, said, troublesomeFiles } from './cli-desk.ts';
import { bagFaults, crateFaults, filesIn, ocflFaults } from './export-rules.ts';

/* The command line of the archive: what comes out is what went in, in every form. */

let desk: CliDesk;
beforeAll(async () => {
  desk = await CliDesk.open();
});
afterAll(() => desk.diary.close());

const files = troublesomeFiles;

describe('daybook archive', () => {
  let job: string;
  beforeAll(async () => {
    desk.write(files);
    job = String(jobIn(await desk.daybook('ingest', 'run', ...said, '--set', 'Temp C=27')));
  });

  /** What the archive says of every file, whatever bundle it is in. */
  const contents = async (id: number) => {
    const answer = await fetch(`${desk.diary.url}/api/v1/bundles/${id}/manifest`, {
      headers: { authorization: `Bearer ${desk.diary.key}` },
    });
    const manifest = (await answer.json()) as { members: Record<string, unknown>[]; metadata: unknown };
    const { members, project, submitter, instrument, metadata } = manifest as unknown as Record<
      string,
      unknown
    >;
    const rows = (members as Record<string, unknown>[]).filter(({ kind }) => kind === 'file');
    return {
      ...{ project, submitter, instrument, metadata },
      files: rows
        .map(({ path, size, sha256, listed, declared, mimeType }) => ({
          path,
          size,
          sha256,
          listed,
          declared,
          mimeType,
        }))
        .sort((a, b) => (String(a.path) < String(b.path) ? -1 : 1)),
    };
  };
  /** An export, unpacked by GNU tar: the folder in it. */
  const unpacked = async (form: string) => {
    const run = await desk.daybook('archive', 'export', job, '--as', form, '--output', `${form}.tar`);
    expectFine(run);
    const folder = desk.at(`${form}-out`);
    mkdirSync(folder, { recursive: true });
    execFileSync('tar', ['-xf', desk.at(`${form}.tar`), '-C', folder]);
    return join(folder, readdirSync(folder)[0] ?? '');
  };
  /** Takes a tar in by the old door. Answers its bundle. */
  const ingested = async (tar: Buffer) => {
    const { jobId } = (await (
      await fetch(`${desk.diary.url}/api/v1/uploads`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${desk.diary.key}`,
          'tus-resumable': '1.0.0',
          'upload-length': String(tar.length),
        },
      })
    ).json()) as { jobId: number };
    const sent = await fetch(`${desk.diary.url}/api/v1/uploads/${jobId}`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${desk.diary.key}`,
        'tus-resumable': '1.0.0',
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
      },
      body: new Uint8Array(tar),
    });
    expect(sent.status).toBe(204);
    await expect.poll(async () => (await desk.diary.get<Job>(`/jobs/${jobId}`)).status).toBe('succeeded');
    return await desk.bundleOf(jobId);
  };

  test.each([
    ['bagit', bagFaults, ''],
    ['ro-crate', crateFaults, ''],
    ['ocfl', ocflFaults, 'v1/content'],
  ] as const)(
    'exports as %s: valid by its rules, and ingested again it is equal',
    async (form, faults, content) => {
      const root = await unpacked(form);
      expect(faults(root)).toEqual([]);
      const original = await desk.bundleOf(Number(job));
      const place = join(root, content);
      const tar = execFileSync('tar', ['-cf', '-', 'metadata.txt', 'data'], {
        cwd: place,
        maxBuffer: 10_000_000,
      });
      const again = await ingested(tar);
      expect(again.id).not.toBe(original.id);
      expect(await contents(again.id)).toEqual(await contents(original.id));
      for (const [path, bytes] of Object.entries(files))
        expect(readFileSync(join(place, 'data', path)).equals(Buffer.from(bytes))).toBe(true);
      // The rules see a byte that changed, a file that is gone, and one that is too many.
      const victim = join(place, 'data/run/plain.txt');
      writeFileSync(victim, 'plaim');
      expect(faults(root)).not.toEqual([]);
      rmSync(victim);
      expect(faults(root)).not.toEqual([]);
      writeFileSync(victim, 'plain');
      writeFileSync(join(place, 'data/stranger'), '');
      expect(faults(root)).not.toEqual([]);
    },
  );

  test('exports the tar as it came, to a file or into a pipe; ingested again it is the same, byte for byte', async () => {
    expectFine(await desk.daybook('archive', 'export', job, '--output', 'same.tar'));
    const tar = readFileSync(desk.at('same.tar'));
    const again = await ingested(tar);
    expect(await contents(again.id)).toEqual(await contents((await desk.bundleOf(Number(job))).id));
    expectFine(await desk.daybook('archive', 'export', String(again.jobId), '--output', 'twice.tar'));
    expect(readFileSync(desk.at('twice.tar')).equals(tar)).toBe(true);
    const piped = await desk.daybook('archive', 'export', job, '--output', '-');
    expect(piped.stdout).toContain('ustar');
    expect((await desk.daybook('archive', 'export', '99999')).code).toBe(66);
    expect((await desk.daybook('archive', 'export', job, '--output', 'no/such/folder.tar')).code).toBe(73);
    const drafts = readdirSync(desk.diary.folder).filter((path) => path.endsWith('.part'));
    expect(drafts).toEqual([]);
  });

  test('fetches one file', async () => {
    const fetched = await desk.daybook('archive', 'fetch', job, 'data/run/plain.txt', '--output', 'plain');
    expectFine(fetched);
    expect(readFileSync(desk.at('plain'), 'utf8')).toBe('plain');
    expect((await desk.daybook('archive', 'fetch', job, 'run/twin.txt', '--output', '-')).stdout).toBe(
      'plain',
    );
    expect((await desk.daybook('archive', 'fetch', job, 'data/run/none.txt')).code).toBe(66);
  });

  test('verifies: what is as it came, and what is not any more', async () => {
    desk.write({ 'notes.txt': 'notes' });
    const lost = jobIn(await desk.daybook('ingest', 'notes.txt', ...said));
    const archive = join(desk.diary.data, 'archive');
    const manifest = filesIn(archive)
      .filter((path) => path.endsWith('manifest.json'))
      .find((path) => readFileSync(join(archive, path), 'utf8').includes(`"job": ${lost},`));
    const tar = join(archive, dirname(manifest ?? ''), 'bundle.tar');
    const bytes = readFileSync(tar);
    bytes.write('NOTES', bytes.indexOf('notes', 512));
    writeFileSync(tar, bytes);
    const verified = await desk.daybook('archive', 'verify', job, String(lost));
    expect([verified.code, verified.stdout]).toEqual([1, `${job}  ok\n${lost}  damaged\n`]);
    expect(verified.stderr).toContain('1 of 2 bundles are as they came');
    expect((await desk.daybook('archive', 'verify', '99999')).code).toBe(66);
  });
});
