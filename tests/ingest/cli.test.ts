import { randomBytes } from 'node:crypto';
import { rmSync, utimesSync } from 'node:fs';
import type { Job } from '@daybook/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ended } from '../cli/diary.ts';
import { about, goodBundle } from './bundles.ts';
import { CliDesk, expectFine, jobIn, said, troublesomeFiles } from './cli-desk.ts';
import { StallingProxy } from './stalling-proxy.ts';

/* The command line of ingest, as people and old administrators use it, against a real server. */

let desk: CliDesk;
beforeAll(async () => {
  desk = await CliDesk.open();
});
afterAll(() => desk.diary.close());

const files = troublesomeFiles;

describe('daybook ingest', () => {
  test('sends files and folders, says the job, and holds the receipt against them', async () => {
    desk.write({ ...files, 'notes.txt': 'notes' });
    const sent = await desk.daybook(
      'ingest',
      'run',
      'notes.txt',
      ...said,
      '--set',
      'Temp C=27',
      '--name',
      'by hand',
    );
    expectFine(sent);
    expect(sent.stderr).toContain('its receipt fits all 8 files');
    const job = await desk.diary.get<Job>(`/jobs/${jobIn(sent)}`);
    expect(job).toMatchObject({ name: 'by hand', status: 'succeeded', project: '1234a' });
    expect(job.metadata).toMatchObject({ 'Temp C': '27', submitter: '10', instrument: '54', files: 8 });
    expect(desk.rememberedUploads()).toEqual([]);
  });

  test('compares without sending: all the same, one changed, one that is new', async () => {
    const job = String(jobIn(await desk.daybook('ingest', 'run', ...said)));
    const verify = (...paths: string[]) => desk.daybook('ingest', ...paths, '--verify-only', '--job', job);
    const same = await verify('run');
    expectFine(same);
    expect(same.stderr).toContain('holds all 7 files');
    desk.write({ 'run/evil\u202egpj.exe': 'ZM', 'run/new.txt': 'new' });
    const other = await verify('run');
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('run/new.txt is not in the archive');
    expect(other.stderr).toContain('run/evil\\u202egpj.exe is another in the archive');
    expect(other.stderr).not.toContain('\u202e');
    rmSync(desk.at('run/new.txt'));
    desk.write(files);
    expect((await desk.daybook('ingest', 'run', '--verify-only')).code).toBe(64);
    expect((await desk.daybook('ingest', 'run', '--verify-only', '--job', '99999')).code).toBe(66);
  });

  test('goes on where it was killed, over a link that stood still; what was sent is not sent again', async () => {
    desk.write({ 'large/a.bin': randomBytes(3_000_000), 'large/b.bin': randomBytes(5_000_000) });
    const proxy = await StallingProxy.before(desk.diary.url);
    const env = { ...desk.env, DAYBOOK_URL: proxy.url };
    const words = ['ingest', 'large', ...said, '--name', 'killed'];
    const stalled = proxy.stallAfter(5_000_000);
    const killed = desk.diary.spawn({ env, cwd: desk.diary.folder }, ...words);
    const end = ended(killed);
    await stalled;
    killed.kill('SIGKILL');
    await end;
    proxy.mend();
    expect(desk.rememberedUploads()).toHaveLength(1);
    const { id } = await desk.diary.job('killed');
    const again = await desk.diary.daybookWith({ env, cwd: desk.diary.folder }, ...words);
    expectFine(again);
    expect(jobIn(again)).toBe(id);
    expect(proxy.passed).toBeLessThan(4_500_000);
    expect(desk.rememberedUploads()).toEqual([]);
    proxy.close();
  });

  test('begins anew when a file has changed meanwhile, and fails cleanly when that cannot be seen', async () => {
    const kept = new Date(1_700_000_000_000);
    const make = (first: string) => {
      desk.write({ 'odd/a.bin': Buffer.alloc(4_000_000, first) });
      utimesSync(desk.at('odd/a.bin'), kept, kept);
    };
    make('before');
    const proxy = await StallingProxy.before(desk.diary.url);
    const env = { ...desk.env, DAYBOOK_URL: proxy.url };
    const words = ['ingest', 'odd', ...said, '--name', 'changed'];
    const stalled = proxy.stallAfter(2_000_000);
    const killed = desk.diary.spawn({ env, cwd: desk.diary.folder }, ...words);
    const end = ended(killed);
    await stalled;
    killed.kill('SIGKILL');
    await end;
    proxy.mend();
    // The same size, the same time: the archive must not take half of each.
    make('after!');
    const torn = await desk.diary.daybookWith({ env, cwd: desk.diary.folder }, ...words);
    expect(torn.code).toBe(1);
    expect(torn.stderr).toMatch(/ingest files: .*odd\/a\.bin/);
    expectFine(await desk.diary.daybookWith({ env, cwd: desk.diary.folder }, ...words));
    proxy.close();
  });

  test('gives up, and cancels its job, when a file changes under its hands', async () => {
    desk.write({ 'shrinking/a.bin': Buffer.alloc(4_000_000) });
    const proxy = await StallingProxy.before(desk.diary.url);
    const env = { ...desk.env, DAYBOOK_URL: proxy.url };
    const stalled = proxy.stallAfter(2_000_000);
    const words = ['ingest', 'shrinking', ...said, '--name', 'shrinking'];
    const end = ended(desk.diary.spawn({ env, cwd: desk.diary.folder }, ...words));
    await stalled;
    desk.write({ 'shrinking/a.bin': Buffer.alloc(1_000_000) });
    proxy.mend();
    const { code, stderr } = await end;
    expect([code, stderr]).toEqual([1, expect.stringContaining('a.bin changed while it was sent')]);
    expect((await desk.diary.job('shrinking')).status).toBe('canceled');
    expect(desk.rememberedUploads()).toEqual([]);
    proxy.close();
  });

  test('takes what is said in a document, and refuses what is said twice, half or not at all', async () => {
    desk.write({
      'metadata.json': JSON.stringify(about),
      'half.json': JSON.stringify(about.slice(1)),
      'no.json': '{',
    });
    expectFine(await desk.daybook('ingest', 'notes.txt', '--metadata', 'metadata.json'));
    for (const words of [
      ['--metadata', 'metadata.json', '--project', 'x'],
      ['--metadata', 'no.json'],
      ['--project', 'x'],
      [...said, '--set', 'no value'],
    ])
      expect([words, (await desk.daybook('ingest', 'notes.txt', ...words)).code]).toEqual([words, 64]);
    expect((await desk.daybook('ingest', 'nothing-there', ...said)).code).toBe(64);
    const refused = await desk.daybook('ingest', 'notes.txt', '--metadata', 'half.json');
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/Policy Validation: .*submitter/),
    ]);
  });
});

describe('the old administrator’s commands', () => {
  test('say how an ingest stands, and try it again, with the bytes that are kept or with others', async () => {
    const upload = await fetch(`${desk.diary.url}/api/v1/uploads`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${desk.diary.key}`,
        'tus-resumable': '1.0.0',
        'upload-length': '100',
      },
    });
    const { jobId } = (await upload.json()) as { jobId: number };
    const job = () => desk.diary.get<Job>(`/jobs/${jobId}`);
    const say = (...words: string[]) => desk.daybook('job', '--job_id', String(jobId), ...words);
    expectFine(await say('--state', 'OK', '--task', 'UPLOADING', '--task-percent', '40.0'));
    expect((await job()).steps[0]).toMatchObject({ tag: 'UPLOADING', status: 'running', percent: 40 });
    expectFine(
      await say(
        '--state=FAILED',
        '--task',
        'ingest files',
        '--task_percent',
        '0.0',
        '--exception',
        'by administrator',
      ),
    );
    expect(await job()).toMatchObject({ status: 'failed', step: 'ingest files', error: 'by administrator' });
    expect((await say('--state', 'MAYBE', '--task', 'ingest files')).code).toBe(64);
    expect((await say('--state', 'FAILED', '--task', 'move files')).code).toBe(66);
    desk.write({ 'good.tar': goodBundle([{ path: 'data/a', content: 'a' }], { first: true }) });
    // Sent half by a call that was killed: the next one goes on, and whoever has another file hears so.
    const proxy = await StallingProxy.before(desk.diary.url);
    desk.write({ 'large.tar': goodBundle([{ path: 'data/large', content: randomBytes(3_000_000) }]) });
    const again = ['retry', '--job_id', String(jobId), '--path'];
    const stalled = proxy.stallAfter(1_500_000);
    const half = desk.diary.spawn(
      { env: { DAYBOOK_URL: proxy.url }, cwd: desk.diary.folder },
      ...again,
      'large.tar',
    );
    const end = ended(half);
    await stalled;
    half.kill('SIGKILL');
    await end;
    proxy.close();
    expect((await desk.daybook(...again, 'good.tar')).code).toBe(65);
    expectFine(await desk.daybook(...again, 'large.tar'));
    await expect.poll(async () => (await job()).status).toBe('succeeded');
    // What is in the archive is there: tried again, it is found so.
    const { id } = await desk.bundleOf(jobId);
    expectFine(await desk.daybook('retry', '--job-id', String(jobId)));
    await expect.poll(async () => (await job()).status).toBe('succeeded');
    expect((await job()).attempt).toBeGreaterThan(1);
    expect((await desk.bundleOf(jobId)).id).toBe(id);
  });

  test('try again with other bytes', async () => {
    const refused = await fetch(`${desk.diary.url}/ingest`, {
      method: 'POST',
      headers: { authorization: `Bearer ${desk.diary.key}` },
      body: 'this is no tar',
    });
    const { job_id: jobId } = (await refused.json()) as { job_id: number };
    const retried = await desk.daybook(
      'retry',
      '--job_id',
      String(jobId),
      '--path',
      'good.tar',
      '--username',
      'dmlb2000',
    );
    expect([retried.code, retried.stdout]).toEqual([0, `${jobId}\n`]);
    const job = () => desk.diary.get<Job>(`/jobs/${jobId}`);
    await expect.poll(async () => (await job()).status).toBe('succeeded');
    expect((await desk.daybook('retry', '--job-id', '99999')).code).toBe(66);
  });

  test('bring the schema up to date, and check it', async () => {
    const data = desk.at('other-data');
    const empty = await desk.daybook('dbchk', '--data', data);
    expect(empty.code).toBe(255);
    expectFine(await desk.daybook('dbsync', '--data', data));
    expectFine(await desk.daybook('dbsync', '--data', data));
    expectFine(await desk.daybook('dbchk', '--data', data));
    expectFine(await desk.daybook('dbchk', '--equal', '--data', data));
  });
});
