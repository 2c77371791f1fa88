import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, expect, inject, test } from 'vitest';
import { deskOf, filesOfArchive } from '../../packages/server/src/ingest/testing/killed-receptions.ts';
import type { Store } from '../../packages/server/src/storage/index.ts';
import { openAt } from '../../packages/server/src/storage/testing/open-at.ts';
import { TarThreads } from '../../packages/server/src/tar/tar-threads.ts';
import { budget } from '../bed/budget.ts';
import { KillRig } from './kill-rig.ts';
import { PersistentSenders, type Sent } from './persistent-senders.ts';

/*
 * kill -9 of who serves and who works, at random moments of uploads (in one request, resumable), moves and of what workers do
 * with them (policy, files, hooks, publishing), 100 times with the full budget: no bundle is corrupt or half visible, nothing is
 * left over, every sender goes on or fails cleanly, and no source of a move is lost.
 */

const kills = budget(8, 100);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const threads = new TarThreads();
const rigs: KillRig[] = [];
afterAll(async () => {
  await threads.close();
  for (const rig of rigs) await rig.remove();
});

test.each(['sqlite', 'postgres'] as const)('no kill loses, spoils or leaves anything: %s', async (engine) => {
  const rig = await KillRig.open(engine === 'postgres' ? inject('postgresUrl') : undefined);
  rigs.push(rig);
  const senders = new PersistentSenders(rig.server, join(rig.folder.path, 'in'));
  const seen = new Set<number>();
  senders.start();
  for (let n = 0; n < kills; n++) {
    await pass(100 + Math.random() * 3_000);
    await rig.killSome();
    await expectWholeBundles(rig, senders.sent, seen);
  }
  await senders.end();
  // Once more, while workers still have some.
  await rig.killAll();
  await giveUp(rig);
  await rig.start();
  await allEnded(rig, senders.sent);
  await rig.killAll();
  const store = openAt(rig.server.location);
  await deskOf(store, rig.folder.path, threads, { now: () => Date.now() + 10 * 86_400_000 }).sweep(0);
  await expectNothingLost(store, rig, senders.sent);
  await store.close();
});

/** What nobody goes on with would wait for hours: its time is over now. */
async function giveUp({ server }: KillRig): Promise<void> {
  const store = openAt(server.location);
  await store.write(async ({ db }) => {
    const open = db.selectFrom('uploads').select('job_id').where('received_at', 'is', null);
    await db.updateTable('jobs').set({ seen_at: 0 }).where('id', 'in', open).execute();
    await db.updateTable('uploads').set({ expires_at: 0 }).where('received_at', 'is', null).execute();
    await db.updateTable('duties').set({ next_at: 0, lease_until: 0 }).execute();
    await db.updateTable('bundles').set({ touched_at: 0 }).where('state', '=', 'receiving').execute();
  });
  await store.close();
}

/** What is visible is whole, at any moment. */
async function expectWholeBundles(
  { server }: KillRig,
  sent: readonly Sent[],
  seen: Set<number>,
): Promise<void> {
  const { body } = await server.ask('GET', '/bundles?limit=100');
  const known = new Set(sent.map((each) => each.sha256));
  for (const { id, jobId } of (body as { items: { id: number; jobId: number }[] }).items) {
    if (seen.has(id)) continue;
    seen.add(id);
    const { body: job } = await server.ask('GET', `/jobs/${jobId}`);
    expect(job).toMatchObject({ status: 'succeeded' });
    if ((job as { configuration: { tag: string } }).configuration.tag === 'move') continue;
    const tar = await fetch(`${server.url}/api/v1/bundles/${id}/tar`, {
      headers: { authorization: `Bearer ${server.key}` },
    });
    expect(known).toContain(sha256(Buffer.from(await tar.arrayBuffer())));
  }
}

interface Listed {
  readonly id: number;
  readonly status: string;
  readonly error: string | null;
}

/** Everything ends; what has cost too many workers is retried, as its owner would. */
async function allEnded({ server }: KillRig, sent: readonly Sent[]): Promise<void> {
  const safe = new Set(sent.map(({ jobId }) => jobId));
  const open = async () => {
    const active = await server.ask('GET', '/jobs?configuration=ingest,move&status=queued,running&limit=500');
    const failed = await server.ask('GET', '/jobs?configuration=ingest,move&status=failed&limit=500');
    const lost = (failed.body as { items: Listed[] }).items.filter(({ id }) => safe.has(id));
    for (const { id, error } of lost) {
      expect(error).toMatch(/worker was lost/);
      expect((await server.ask('POST', `/jobs/${id}/retry`, {})).status).toBe(200);
    }
    return (active.body as { items: Listed[] }).items.length + lost.length;
  };
  await expect.poll(open, { timeout: 300_000, interval: 500 }).toBe(0);
}

async function expectNothingLost(store: Store, { folder }: KillRig, sent: readonly Sent[]): Promise<void> {
  const bundles = await store.read
    .selectFrom('bundles')
    .innerJoin('jobs', 'jobs.id', 'bundles.job_id')
    .selectAll('bundles')
    .select('jobs.status')
    .execute();
  expect(bundles.filter(({ state, status }) => state !== 'published' || status !== 'succeeded')).toEqual([]);
  const ofJob = new Map(bundles.map((bundle) => [bundle.job_id, bundle]));
  expect(ofJob.size).toBe(bundles.length);
  const names = ['bundle.tar', 'manifest.json', 'receipt.json'];
  expect(filesOfArchive(folder.path)).toEqual(names.flatMap((name) => bundles.map(() => name)));
  const archived = new Set<string>();
  for (const bundle of bundles) {
    const at = (name: string) => readFileSync(join(folder.path, 'archive', bundle.folder, name));
    const tar = at('bundle.tar');
    expect([tar.length, sha256(at('manifest.json'))]).toEqual([bundle.size, bundle.manifest_sha256]);
    const { payload } = JSON.parse(at('receipt.json').toString()) as { payload: string };
    expect(Buffer.from(payload, 'base64').toString()).toContain(bundle.manifest_sha256);
    for (const { data_at, size, sha256: hash, listed, path } of await membersOf(store, bundle.id)) {
      expect([path, listed, sha256(tar.subarray(data_at, data_at + size))]).toEqual([
        path,
        path === 'metadata.txt' ? 0 : 1,
        hash,
      ]);
      archived.add(hash ?? '');
    }
    const whole = sent.find(({ jobId }) => jobId === bundle.job_id)?.sha256;
    if (whole) expect(sha256(tar)).toBe(whole);
  }
  for (const { jobId } of sent) if (jobId !== undefined) expect(ofJob.get(jobId)).toBeDefined();
  for (const [source, hash] of sent.flatMap(({ sources }) => [...sources]))
    if (existsSync(source)) expect(sha256(readFileSync(source))).toBe(hash);
    else expect(archived).toContain(hash);
  const rest = store.read.selectFrom('bundle_members').select('bundle_id').distinct();
  expect(await rest.execute()).toHaveLength(bundles.length);
  const open = store.read.selectFrom('uploads').select('job_id').where('received_at', 'is', null);
  expect(await open.where('door', '!=', 'move').execute()).toEqual([]);
  // A run that took nothing in, or was never disturbed, proves nothing.
  expect(bundles.length).toBeGreaterThan(kills / 4);
}

function membersOf(store: Store, bundleId: number) {
  return store.read
    .selectFrom('bundle_members')
    .selectAll()
    .where('bundle_id', '=', bundleId)
    .where('kind', '=', 'file')
    .execute();
}
