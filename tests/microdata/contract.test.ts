import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
import { badItems, badRequests } from './bad-requests.ts';
import { type Ask, newJob, oldClient, report, someTarget } from './old-client.ts';
import { promises } from './promises.ts';

/*
 * The contract of the microdata job service, row by row, asked over HTTP of the built server: what its clients send, and
 * nothing else of Daybook but an API key.
 */

describe.each(['sqlite', 'postgres'] as const)('%s', (engine) => {
  const input = mkdtempSync(join(tmpdir(), 'daybook-input-'));
  let server: RealServer;
  let ask: Ask;
  beforeAll(async () => {
    server = await RealServer.open({
      ...(engine === 'postgres' && { postgresUrl: inject('postgresUrl') }),
      flags: ['--bump-enabled', '--input-dir', input],
    });
    ask = oldClient(server, { 'x-api-key': server.key });
  });
  afterAll(async () => {
    await server.remove();
    rmSync(input, { recursive: true });
  });

  test('a first maintenance status exists from the start', async () => {
    const { body } = await ask('GET', '/maintenance-status');
    expect(body).toEqual({ msg: expect.any(String), paused: false, timestamp: expect.any(String) });
    expect((await ask('GET', '/maintenance-history')).body).toEqual([body]);
    expect((await ask('GET', '/maintenance-status')).body).toEqual(body);
  });

  test.each(promises)('$promise', ({ prove }) => prove(ask));

  test('what nobody should send is refused with its message, and changes nothing', async () => {
    const job = await newJob(ask, someTarget());
    const ended = await newJob(ask, someTarget());
    await report(ask, ended, 'completed');
    const before = (await ask('GET', '/jobs')).text;
    const answered: unknown[] = [];
    for (const { method, path, body } of badRequests) {
      const answer = await ask(method, path.replace(':job', job).replace(':ended', ended), body);
      answered.push({ method, path, body, status: answer.status, message: answer.body?.message });
    }
    expect(answered).toEqual(
      badRequests.map(({ method, path, body, status, message }) => {
        return { method, path, body, status, message: expect.stringMatching(message) };
      }),
    );
    expect((await ask('GET', '/jobs')).text).toBe(before);
  });

  test('a bad item is refused with its message and stops no other', async () => {
    const [first, last] = [someTarget(), someTarget()];
    const jobs = [
      { operation: 'ADD', target: first },
      ...badItems.map(([item]) => item),
      { operation: 'ADD', target: last },
    ];
    const { status, body } = await ask('POST', '/jobs', { jobs });
    const created = { job_id: expect.any(String), status: 'CREATED', msg: 'OK' };
    expect(status).toBe(200);
    expect(body).toEqual([
      created,
      ...badItems.map(([, msg]) => ({ status: 'FAILED', msg: expect.stringMatching(msg) })),
      created,
    ]);
  });

  test('what cannot be read, or is too large, is refused in the same form', async () => {
    const tooLarge = `{"jobs": ["${'x'.repeat(9 * 1024 * 1024)}"]}`;
    const refused = await ask('POST', '/jobs', tooLarge).catch(() => undefined);
    // The server may end the connection before all of it was sent.
    if (refused !== undefined)
      expect(refused).toMatchObject({ status: 413, body: { message: expect.any(String) } });
    const xml = await ask('POST', '/jobs', '<jobs/>', { 'content-type': 'text/xml' });
    expect(xml).toMatchObject({ status: 415, body: { message: expect.any(String) } });
  });

  describe('importable datasets', () => {
    const tar = (place: string, name: string, ...members: string[]) => {
      const folder = mkdtempSync(join(tmpdir(), 'daybook-tar-'));
      for (const member of members) {
        mkdirSync(join(folder, member, '..'), { recursive: true });
        writeFileSync(join(folder, member), 'content');
      }
      mkdirSync(place, { recursive: true });
      execFileSync('tar', ['-cf', join(place, name), '-C', folder, ...members]);
      rmSync(folder, { recursive: true });
    };
    const listed = async () => (await ask('GET', '/importable-datasets')).body;

    test('are the tars that hold their metadata; all else is left out', async () => {
      tar(input, 'MY_DATASET.tar', 'MY_DATASET.json', 'chunks/1.enc');
      tar(input, 'METADATA_ONLY.tar', 'METADATA_ONLY.json');
      tar(join(input, 'archive'), 'OLD_DATASET.tar', 'OLD_DATASET.json');
      tar(input, 'WITHOUT.tar', 'OTHER.json', 'chunks/1.enc');
      tar(input, 'lower.tar', 'lower.json');
      tar(input, '1ST.tar', '1ST.json');
      tar(input, '_X.tar', '_X.json');
      writeFileSync(join(input, 'BROKEN.tar'), 'no tar at all');
      writeFileSync(join(input, 'README.md'), 'hello');
      mkdirSync(join(input, 'FOLDER.tar'));
      const dataset = (datasetName: string, hasData: boolean, isArchived: boolean) => ({
        datasetName,
        hasMetadata: true,
        hasData,
        isArchived,
      });
      expect(await listed()).toEqual([
        dataset('METADATA_ONLY', false, false),
        dataset('MY_DATASET', true, false),
        dataset('OLD_DATASET', false, true),
      ]);
    });

    test('are deleted by name, and nothing else ever is', async () => {
      const outside = mkdtempSync(join(tmpdir(), 'daybook-outside-'));
      tar(outside, 'OUTSIDE.tar', 'OUTSIDE.json');
      symlinkSync(join(outside, 'OUTSIDE.tar'), join(input, 'LINK.tar'));
      expect((await ask('DELETE', '/importable-datasets/LINK')).status).toBe(404);
      expect((await ask('DELETE', `/importable-datasets/${encodeURIComponent('../OUTSIDE')}`)).status).toBe(
        400,
      );
      expect((await ask('DELETE', '/importable-datasets/FOLDER')).status).toBe(404);
      expect(existsSync(join(outside, 'OUTSIDE.tar'))).toBe(true);
      rmSync(outside, { recursive: true });
      tar(input, 'GONE_SOON.tar', 'GONE_SOON.json');
      const gone = await ask('DELETE', '/importable-datasets/GONE_SOON');
      expect(gone).toMatchObject({ status: 200, body: { message: 'OK, GONE_SOON deleted' } });
      expect(existsSync(join(input, 'GONE_SOON.tar'))).toBe(false);
      expect((await ask('DELETE', '/importable-datasets/GONE_SOON')).status).toBe(404);
    });
  });
});

describe('as it is set up', () => {
  test('BUMP is refused until it is enabled; operations are those that are named; it can be switched off', async () => {
    const usual = await RealServer.open({ flags: ['--microdata-operations', 'ADD,BUMP,TRANSLATE'] });
    try {
      const ask = oldClient(usual, { 'x-api-key': usual.key });
      const { body } = await ask('POST', '/jobs', {
        jobs: [
          { operation: 'BUMP', target: 'DATASTORE' },
          { operation: 'TRANSLATE', target: 'X' },
          { operation: 'CHANGE', target: 'Y' },
        ],
      });
      expect(body).toEqual([
        { status: 'FAILED', msg: 'Bumping the datastore is disabled' },
        { job_id: expect.any(String), status: 'CREATED', msg: 'OK' },
        { status: 'FAILED', msg: expect.stringMatching(/^Unknown operation/) },
      ]);
      expect((await ask('GET', '/importable-datasets')).body).toEqual([]);
    } finally {
      await usual.remove();
    }
    const off = await RealServer.open({ flags: ['--no-microdata'] });
    try {
      const ask = oldClient(off, { 'x-api-key': off.key });
      for (const path of ['/jobs', '/targets', '/importable-datasets', '/maintenance-status'])
        expect([path, (await ask('GET', path)).status]).toEqual([path, 404]);
      expect((await ask('GET', '/health/ready')).status).toBe(200);
    } finally {
      await off.remove();
    }
  });
});
