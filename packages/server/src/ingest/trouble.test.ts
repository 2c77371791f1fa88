import { rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MortalS3 } from '../archive/testing/mortal-s3.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { TinyDisk } from './testing/tiny-disk.ts';
import { bundleOf, filesBelow, sha256, TroubleDesk } from './testing/trouble-desk.ts';

/* The doors when something is wrong around them: what the client hears, and what is left behind. Real disks, stores, sockets. */

const MEBIBYTE = 1024 * 1024;
const gone = { timeout: 20_000, interval: 50 };

forEachEngine((engine, newDatabase) => {
  /** What has nothing to do with the database is tried once. */
  const once = engine === 'sqlite';
  const newDesk = async (flags: Record<string, string | readonly string[]> = {}) =>
    TroubleDesk.open((await newDatabase()).open(), flags);

  const full = once ? TinyDisk.mount(12) : undefined;
  describe.skipIf(full === undefined)('a full disk (mounted here, which only root may)', () => {
    const disk = full as TinyDisk;
    let desk: TroubleDesk;
    beforeAll(async () => {
      disk.resize(12);
      desk = await newDesk({ archive: join(disk.path, 'archive') });
    });
    afterAll(async () => {
      await desk.close();
      disk.unmount();
    });

    test('takes no more by the old door, says so, and gives its room back', async () => {
      const { status, body } = await desk.post(bundleOf(16 * MEBIBYTE));
      expect(status).toBe(503);
      expect(body).toMatchObject({
        status: '503 Service Unavailable',
        message: expect.stringMatching(/full/),
      });
      const { id } = await desk.lastJob();
      expect(await desk.state(id)).toMatchObject({ state: 'FAILED', task: 'UPLOADING', complete: true });
      expect(filesBelow(disk.path)).toEqual([]);
    });

    test('lets a resumable upload go on when there is room', async () => {
      const tar = bundleOf(20 * MEBIBYTE);
      const id = await desk.create(tar.length);
      const stopped = await desk.patch(id, 0, tar);
      expect([stopped.status, stopped.body?.code]).toEqual([503, 'unavailable']);
      expect(await desk.archived(id)).toBeUndefined();
      disk.resize(40);
      const offset = await desk.offset(id);
      expect(offset).toBeLessThanOrEqual(12 * MEBIBYTE);
      expect((await desk.patch(id, offset, tar.subarray(offset))).status).toBe(204);
      desk.desk.house.ingest.work.start();
      await expect.poll(async () => (await desk.job(id)).status, gone).toBe('succeeded');
      expect(await desk.archived(id)).toBe(sha256(tar));
    });

    test('that fills up before the bundle is sealed fails nothing: the worker comes back to it', async () => {
      const ballast = join(disk.path, 'ballast');
      const tar = bundleOf(1000);
      disk.resize(40);
      await desk.desk.house.ingest.work.stop();
      const { body } = await desk.post(tar);
      try {
        writeFileSync(ballast, Buffer.alloc(40 * MEBIBYTE));
      } catch {
        // As much as there was room for.
      }
      const other = await TroubleDesk.open(
        desk.desk.house.store,
        { archive: join(disk.path, 'archive') },
        desk.desk.clock,
      );
      other.desk.house.ingest.work.start();
      const waits = async () =>
        (await desk.desk.ask('GET', `/jobs/${body.job_id}/events?kind=status`)).body.items.at(-1);
      await expect.poll(async () => (await waits()).message, gone).toMatch(/wrong on our side/);
      expect((await desk.job(body.job_id)).status).toBe('queued');
      expect(await desk.archived(body.job_id)).toBeUndefined();
      rmSync(ballast);
      desk.desk.clock.pass(31_000);
      await expect.poll(async () => (await desk.job(body.job_id)).status, gone).toBe('succeeded');
      expect(await desk.archived(body.job_id)).toBe(sha256(tar));
      await other.close();
    });
  });

  describe.runIf(once)('a store that is away', () => {
    const s3 = new MortalS3();
    let desk: TroubleDesk;
    beforeAll(async () => {
      await s3.start();
      desk = await newDesk(s3.flags);
      desk.desk.house.ingest.work.start();
    });
    afterAll(async () => {
      await desk.close();
      await s3.remove();
    });

    test('takes nothing by the old door, and the next bundle when it is back', async () => {
      await s3.kill();
      const tar = bundleOf(100);
      const { status, body } = await desk.post(tar);
      expect(status).toBe(503);
      expect(body).toMatchObject({ status: '503 Service Unavailable', traceback: '' });
      const { id } = await desk.lastJob();
      expect(await desk.state(id)).toMatchObject({ state: 'FAILED', task: 'UPLOADING' });
      await s3.start();
      const again = await desk.post(tar);
      expect(again.status).toBe(200);
      await expect.poll(async () => (await desk.state(again.body.job_id)).complete, gone).toBe(true);
      expect(await desk.archived(again.body.job_id)).toBe(sha256(tar));
    });

    test('in the midst of an upload lets it go on from its last whole part', async () => {
      const tar = bundleOf(20 * MEBIBYTE);
      const id = await desk.create(tar.length);
      const half = await desk.patch(id, 0, tar.subarray(0, 10 * MEBIBYTE));
      expect(half.status).toBe(204);
      const safe = Number(half.headers['upload-offset']);
      await s3.kill();
      expect((await desk.patch(id, safe, tar.subarray(safe))).status).toBe(503);
      expect(await desk.archived(id)).toBeUndefined();
      await s3.start();
      const offset = await desk.offset(id);
      expect(offset).toBeGreaterThanOrEqual(8 * MEBIBYTE);
      expect((await desk.patch(id, offset, tar.subarray(offset))).status).toBe(204);
      await expect.poll(async () => (await desk.job(id)).status, gone).toBe('succeeded');
      expect(await desk.archived(id)).toBe(sha256(tar));
    });
  });

  describe.runIf(once)('a policy service that', () => {
    let answer: (() => { status: number; body: string }) | undefined;
    let server: Server;
    let desk: TroubleDesk;
    beforeAll(async () => {
      server = createServer((request, response) => {
        request.resume();
        const said = answer?.();
        // Without a word it hangs.
        if (said !== undefined) request.on('end', () => response.writeHead(said.status).end(said.body));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      desk = await newDesk({ policyUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
      desk.desk.house.ingest.work.start();
    });
    afterAll(async () => {
      await desk.close();
      server.closeAllConnections();
      server.close();
    });
    const success = () => ({ status: 200, body: '{"status": "success"}' });

    test.each<[string, typeof answer]>([
      ['hangs', undefined],
      ['is broken', () => ({ status: 500, body: '' })],
      ['says nothing that we know', () => ({ status: 200, body: '<h1>Welcome</h1>' })],
      ['says yes to something else', () => ({ status: 404, body: '{"status": "success"}' })],
    ])('%s lets nothing in; the bytes wait for another try', async (_what, how) => {
      answer = how;
      const tar = bundleOf(100);
      const { body } = await desk.post(tar);
      await expect.poll(async () => (await desk.state(body.job_id)).complete, gone).toBe(true);
      expect(await desk.state(body.job_id)).toMatchObject({ state: 'FAILED', task: 'Policy Validation' });
      expect(await desk.archived(body.job_id)).toBeUndefined();
      answer = success;
      expect((await desk.desk.ask('POST', `/jobs/${body.job_id}/retry`, {})).status).toBe(200);
      await expect.poll(async () => (await desk.job(body.job_id)).status, gone).toBe('succeeded');
      expect(await desk.archived(body.job_id)).toBe(sha256(tar));
    });
  });

  describe.runIf(once)('a sender', () => {
    let desk: TroubleDesk;
    beforeAll(async () => {
      desk = await newDesk({ uploadMinRate: '1000' });
    });
    afterAll(() => desk.close());
    const tar = bundleOf(100_000);
    const folder = () => filesBelow(join(desk.data, 'archive'));

    test('below the minimum rate is let go: nothing is left by the old door, what came stays by tus', async () => {
      const before = folder();
      const old = desk.sender('POST', '/ingest', { 'content-length': String(tar.length) });
      const id = await desk.create(tar.length);
      const tus = desk.patcher(id, 0);
      await Promise.all([old.write(tar.subarray(0, 2_000)), tus.write(tar.subarray(0, 2_000))]);
      const [slow, kept] = await Promise.all([old.heard, tus.heard]);
      expect([slow.status, kept.status, kept.body?.code]).toEqual([408, 408, 'request_timeout']);
      expect(await desk.offset(id)).toBe(2_000);
      const { items } = (await desk.desk.ask('GET', '/jobs?status=failed')).body;
      expect(items).toMatchObject([{ step: 'UPLOADING', error: expect.stringMatching(/too slow/) }]);
      expect((await desk.tus('DELETE', `/api/v1/uploads/${id}`)).status).toBe(204);
      expect(folder()).toEqual(before);
    });

    test('that is slow and goes on is waited for', async () => {
      const old = desk.sender('POST', '/ingest', { 'content-length': String(tar.length) });
      // Over several windows, each of them above the rate.
      for (let at = 0; at < tar.length; at += 8_192) {
        await old.write(tar.subarray(at, at + 8_192));
        await pass(150);
      }
      expect((await old.end()).status).toBe(200);
    });
  });

  describe('two senders of one upload', () => {
    let desk: TroubleDesk;
    /** Another process of the same house. */
    let other: TroubleDesk;
    beforeAll(async () => {
      desk = await newDesk({ uploadMinRate: '0' });
      const archive = join(desk.data, 'archive');
      other = await TroubleDesk.open(desk.desk.house.store, { archive, uploadMinRate: '0' }, desk.desk.clock);
      other.key = desk.key;
      desk.desk.house.ingest.work.start();
    });
    afterAll(async () => {
      await other.close();
      await desk.close();
    });
    const tar = bundleOf(100_000);
    /** One that sends, and goes on with it until its test stops it. */
    const begun = async () => {
      const id = await desk.create(tar.length);
      const sender = desk.patcher(id, 0);
      let sent = 0;
      const send = (to: number) => sender.write(tar.subarray(sent, (sent = to)));
      await send(30_000);
      await expect.poll(() => desk.holder(id), gone).not.toBeNull();
      const steady = setInterval(() => void send(sent + 100), 50);
      return {
        id,
        heard: sender.heard,
        rest: async () => {
          await send(tar.length);
          return await sender.end();
        },
        /** It says nothing more. Answers how much it has said. */
        silence: () => {
          clearInterval(steady);
          return sent;
        },
      };
    };
    const whole = async (id: number) => {
      await expect.poll(async () => (await desk.job(id)).status, gone).toBe('succeeded');
      expect(await desk.archived(id)).toBe(sha256(tar));
    };

    test('are told apart: who has been silent for long makes room, and nothing is mixed', async () => {
      const first = await begun();
      const { id } = first;
      expect((await desk.patch(id, 0, tar)).status).toBe(423);
      const sent = first.silence();
      await expect.poll(() => desk.offset(id), gone).toBe(sent);
      expect((await first.heard).status).toBe(423);
      const wrong = await desk.patch(id, sent + 1, tar.subarray(sent + 1));
      expect([wrong.status, wrong.body.offset]).toEqual([409, sent]);
      expect((await desk.patch(id, sent, tar.subarray(sent))).status).toBe(204);
      await whole(id);
    });

    test('in two processes: the other one waits until the first has been silent for half a minute', async () => {
      const first = await begun();
      const { id } = first;
      expect((await other.patch(id, 0, tar)).status).toBe(423);
      expect(await other.offset(id)).toBe(-1);
      first.silence();
      desk.desk.clock.pass(31_000);
      const offset = await other.offset(id);
      expect(offset).toBeGreaterThanOrEqual(0);
      expect((await other.patch(id, offset, tar.subarray(offset))).status).toBe(204);
      // It learns that it was taken for dead; what it still had is nobody's.
      expect([404, 409, 423]).toContain((await first.rest()).status);
      await whole(id);
    });
  });

  describe('a process that dies', () => {
    let desk: TroubleDesk;
    beforeAll(async () => {
      desk = await newDesk();
    });
    afterAll(() => desk.close());
    const tar = bundleOf(1_000);
    const bytesOf = () => filesBelow(join(desk.data, 'archive'));

    test('between the last byte and its answer has lost nothing: the sender hears that it is whole', async () => {
      const id = await desk.create(tar.length);
      const { receptions } = desk.desk.house;
      const reception = await receptions.resume((await receptions.ofJob(id))?.bundleId ?? 0);
      await reception.write(tar);
      await reception.finish();
      expect(await desk.offset(id)).toBe(tar.length);
      expect((await desk.patch(id, tar.length, Buffer.alloc(0))).status).toBe(204);
      expect((await desk.job(id)).status).toBe('queued');
    });

    test('while it receives by the old door leaves a job that fails, and no bytes', async () => {
      const before = bytesOf();
      const { house } = desk.desk;
      const sender = desk.sender('POST', '/ingest', { 'content-length': String(tar.length) });
      await sender.write(tar.subarray(0, 600));
      await expect.poll(() => bytesOf().length, gone).toBe(before.length + 1);
      const { id } = await desk.lastJob();
      // As a killed process leaves it: nobody holds the reception, and nobody says anything of it.
      await house.store.write(({ db }) =>
        db.updateTable('bundles').set({ owner: null }).where('job_id', '=', id).execute(),
      );
      desk.desk.clock.pass(91_000);
      await desk.tidy();
      expect(await desk.state(id)).toMatchObject({ state: 'FAILED', task: 'UPLOADING' });
      expect(bytesOf()).toEqual(before);
      await sender.end();
    });
  });

  describe('a bundle whose job is canceled', () => {
    let desk: TroubleDesk;
    beforeAll(async () => {
      desk = await newDesk();
    });
    afterAll(() => desk.close());
    const bytesOf = () => filesBelow(join(desk.data, 'archive'));

    test('is gone a minute later, whether it had come whole or not; until then the job can be retried', async () => {
      const tar = bundleOf(1_000);
      const half = await desk.create(tar.length);
      await desk.patch(half, 0, tar.subarray(0, 700));
      const { job_id: whole } = (await desk.post(tar)).body;
      for (const id of [half, whole])
        expect((await desk.desk.ask('POST', `/jobs/${id}/cancel`, {})).status).toBe(200);
      await desk.tidy();
      expect(bytesOf()).toHaveLength(2);
      expect((await desk.desk.ask('POST', `/jobs/${whole}/retry`, {})).status).toBe(200);
      desk.desk.clock.pass(61_000);
      await desk.tidy();
      expect(bytesOf()).toEqual(['bundle.tar']);
      await desk.desk.ask('POST', `/jobs/${whole}/cancel`, {});
      desk.desk.clock.pass(61_000);
      await desk.tidy();
      expect(bytesOf()).toEqual([]);
      await desk.desk.ask('POST', `/jobs/${whole}/retry`, {});
      desk.desk.house.ingest.work.start();
      await expect.poll(async () => (await desk.job(whole)).status, gone).toBe('failed');
      expect((await desk.job(whole)).error).toMatch(/no longer here/);
    });
  });

  test('a unique-id service that gives a number twice spoils no job that has it', async () => {
    const server = createServer((_request, response) => response.end('{"startIndex": 7}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const desk = await newDesk({ uniqueIdUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    const tar = bundleOf(10);
    expect((await desk.post(tar)).body).toMatchObject({ job_id: 7, state: 'OK' });
    expect((await desk.post(bundleOf(20))).status).toBe(503);
    desk.desk.house.ingest.work.start();
    await expect.poll(async () => (await desk.state(7)).complete, gone).toBe(true);
    expect(await desk.archived((await desk.lastJob()).id)).toBe(sha256(tar));
    await desk.close();
    server.closeAllConnections();
    server.close();
  });
});
