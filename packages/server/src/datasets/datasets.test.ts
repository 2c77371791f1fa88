import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '@daybook/core';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TestClock } from '../access/testing/test-clock.ts';
import { HouseDesk } from '../http/testing/house-desk.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { Datasets, isImportable } from './datasets.ts';
import { type MadeMember, tarBytes } from './testing/tar-bytes.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-input-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A fresh input directory with an archive. */
let root: string;
let count = 0;
beforeEach(() => {
  root = join(folder, String(count++));
  mkdirSync(join(root, 'archive'), { recursive: true });
});

function put(file: string, members: readonly MadeMember[]): void {
  writeFileSync(join(root, file), tarBytes(members));
}

/** Counts what is opened and read of it. */
function counted() {
  const reads = { opened: 0, read: 0 };
  const openCounted = async (path: string, flags: number) => {
    reads.opened += 1;
    const handle = await open(path, flags);
    const read = (async (...args: Parameters<typeof handle.read>) => {
      reads.read += 1;
      return await handle.read(...args);
    }) as typeof handle.read;
    return { read, stat: () => handle.stat(), close: () => handle.close() };
  };
  return {
    reads,
    open: openCounted as unknown as NonNullable<ConstructorParameters<typeof Datasets>[0]['open']>,
  };
}

function datasetsOf(more: Partial<ConstructorParameters<typeof Datasets>[0]> = {}) {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  const store = undefined as unknown as Store;
  return { lines, datasets: new Datasets({ directory: root, store, clock: new TestClock(), log, ...more }) };
}

const problemsOf = (found: readonly Dataset[]) =>
  Object.fromEntries(found.map(({ name, problems }) => [name, problems]));

describe('the datasets of a directory', () => {
  test('are its tars and those of its archive', async () => {
    put('BIRTH.tar', [
      { path: './BIRTH.json', content: '{}' },
      { path: 'chunks/1.parquet', content: 'x' },
    ]);
    put('DEATH_2.tar', [
      { path: 'DEATH_2.json', content: '{}' },
      { path: 'chunks', content: 'x' },
    ]);
    put('archive/BIRTH.tar', [{ path: 'BIRTH.json', content: '{}' }, { path: 'my-chunks/1' }]);
    utimesSync(join(root, 'BIRTH.tar'), 1_767_225_600, 1_767_225_600);
    writeFileSync(join(root, 'README.txt'), 'no tar');
    const found = await datasetsOf().datasets.listDatasets();
    expect(found[0]).toEqual({
      name: 'BIRTH',
      archived: false,
      size: 3_072,
      modifiedAt: '2026-01-01T00:00:00.000Z',
      hasMetadata: true,
      hasData: true,
      members: 2,
      problems: [],
    });
    expect(found.map(({ name, archived, hasData }) => [name, archived, hasData])).toEqual([
      ['BIRTH', false, true],
      ['BIRTH', true, false],
      ['DEATH_2', false, true],
    ]);
    expect(found.every(isImportable)).toBe(true);
  });

  test('never fail for one of them: each says what is wrong with it', async () => {
    put('GOOD.tar', [{ path: 'GOOD.json', content: '{}' }]);
    put('NOTHING.tar', [{ path: 'OTHER.json', content: '{}' }]);
    put('FOLDER_JSON.tar', [{ path: 'FOLDER_JSON.json', flag: '5' }]);
    put('lower.tar', [{ path: 'lower.json' }]);
    put('_A.tar', [{ path: '_A.json' }]);
    put('1A.tar', [{ path: '1A.json' }]);
    put('LOUD.TAR', [{ path: 'LOUD.json' }]);
    put('.tar', []);
    writeFileSync(join(root, 'BROKEN.tar'), 'no tar at all'.repeat(100));
    writeFileSync(join(root, 'EMPTY.tar'), '');
    mkdirSync(join(root, 'DIRECTORY.tar'));
    writeFileSync(join(root, 'secret'), tarBytes([{ path: 'LINK.json' }]));
    symlinkSync(join(root, 'secret'), join(root, 'LINK.tar'));
    symlinkSync('/nowhere', join(root, 'DANGLING.tar'));
    execFileSync('mkfifo', [join(root, 'PIPE.tar')]);
    const { datasets, lines } = datasetsOf();
    const found = await datasets.listDatasets();
    expect(problemsOf(found)).toEqual({
      GOOD: [],
      NOTHING: ['no_metadata'],
      FOLDER_JSON: ['no_metadata'],
      lower: ['bad_name'],
      _A: ['bad_name'],
      '1A': ['bad_name'],
      'LOUD.TAR': ['bad_name'],
      '': ['bad_name'],
      BROKEN: ['broken_tar'],
      EMPTY: ['broken_tar'],
      DIRECTORY: ['not_a_file'],
      LINK: ['link'],
      DANGLING: ['link'],
      PIPE: ['not_a_file'],
    });
    expect(found.filter(isImportable).map(({ name }) => name)).toEqual(['GOOD']);
    await datasets.listDatasets();
    expect(lines.map(({ dataset }) => dataset).sort()).toEqual(
      found
        .filter(({ problems }) => problems.length > 0)
        .map(({ name }) => name)
        .sort(),
    );
  });

  test('have an archive only if that is a folder of its own', async () => {
    rmSync(join(root, 'archive'), { recursive: true });
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere, { recursive: true });
    writeFileSync(join(elsewhere, 'SECRET.tar'), tarBytes([{ path: 'SECRET.json' }]));
    const { datasets } = datasetsOf();
    expect(await datasets.listDatasets()).toEqual([]);
    symlinkSync(elsewhere, join(root, 'archive'));
    expect(await datasets.listDatasets()).toEqual([]);
    await expect(datasets.findDataset('SECRET', true)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('are read once, as long as they stay as they are', async () => {
    for (let n = 0; n < 50; n++)
      put(`SET_${n}.tar`, [
        { path: `SET_${n}.json`, content: '{}' },
        { path: 'chunks/1', content: 'x'.repeat(5_000) },
      ]);
    const { reads, open } = counted();
    const { datasets } = datasetsOf({ open });
    const first = await datasets.listDatasets();
    // Two members and the empty block at the end.
    expect(reads).toEqual({ opened: 50, read: 150 });
    expect(await datasets.listDatasets()).toEqual(first);
    expect(reads).toEqual({ opened: 50, read: 150 });
    put('SET_7.tar', [{ path: 'SET_7.json', content: '{"a": 1}' }]);
    rmSync(join(root, 'SET_8.tar'));
    const later = await datasets.listDatasets();
    expect([later.length, later.find(({ name }) => name === 'SET_7')?.hasData]).toEqual([49, false]);
    expect(reads).toEqual({ opened: 51, read: 152 });
  });

  test('are looked at page by page', async () => {
    for (const name of ['A', 'B', 'C', 'CA']) put(`${name}.tar`, [{ path: `${name}.json` }]);
    put('archive/B.tar', [{ path: 'B.json' }]);
    const { reads, open } = counted();
    const { datasets } = datasetsOf({ open });
    const first = await datasets.pageOfDatasets({ limit: 2 });
    expect([first.items.map(({ name }) => name), first.total, reads.opened]).toEqual([['A', 'B'], 5, 2]);
    rmSync(join(root, 'B.tar'));
    const rest = await datasets.pageOfDatasets({ limit: 5, cursor: first.nextCursor });
    expect([rest.items.map(({ name, archived }) => [name, archived]), rest.nextCursor]).toEqual([
      [
        ['B', true],
        ['C', false],
        ['CA', false],
      ],
      undefined,
    ]);
    const some = await datasets.pageOfDatasets({ limit: 5, q: 'C' });
    expect([some.items.map(({ name }) => name), some.total]).toEqual([['C', 'CA'], 2]);
    await expect(datasets.pageOfDatasets({ limit: 5, cursor: 'x' })).rejects.toMatchObject({
      code: 'invalid_cursor',
    });
  });

  test('are none without a directory, and unavailable without a readable one', async () => {
    await expect(datasetsOf({ directory: undefined }).datasets.listDatasets()).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(datasetsOf({ directory: join(root, 'none') }).datasets.listDatasets()).rejects.toMatchObject(
      {
        code: 'unavailable',
      },
    );
  });

  test('show their members', async () => {
    put(
      'BIG.tar',
      Array.from({ length: 1_200 }, (_, n) => ({ path: `chunks/${n}` })),
    );
    const found = await datasetsOf().datasets.findDataset('BIG');
    expect([found.members, found.memberList.length, found.memberList[7]]).toEqual([
      1_200,
      1_000,
      { path: 'chunks/7', size: 0, type: 'file' },
    ]);
  });
});

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  beforeAll(async () => {
    store = (await newDatabase()).open();
  });

  describe('over HTTP a dataset', () => {
    let desk: HouseDesk;
    beforeEach(() => {
      desk = new HouseDesk(store, { flags: { inputDir: root } });
      return () => desk.close();
    });
    const remove = (name: string, body: object = { confirm: name }, key?: string) =>
      desk.ask('DELETE', `/datasets/${name}`, body, key);

    test('is listed, shown and deleted, and the audit knows by whom', async () => {
      put('BIRTH.tar', [{ path: 'BIRTH.json', content: '{}' }]);
      put('archive/BIRTH.tar', [{ path: 'BIRTH.json' }]);
      const { body } = await desk.ask('GET', '/datasets');
      expect([body.items.length, body.total]).toEqual([2, 2]);
      expect((await desk.ask('GET', '/datasets/BIRTH?archived=true')).body).toMatchObject({
        archived: true,
        memberList: [{ path: 'BIRTH.json', size: 0 }],
      });
      expect((await remove('BIRTH', { confirm: 'birth' })).body).toMatchObject({
        code: 'invalid_request',
        errors: [{ path: 'confirm', message: 'must be BIRTH' }],
      });
      expect((await remove('BIRTH', {})).status).toBe(400);
      expect(existsSync(join(root, 'BIRTH.tar'))).toBe(true);
      expect((await remove('BIRTH', { confirm: 'BIRTH', archived: true })).status).toBe(204);
      expect([existsSync(join(root, 'BIRTH.tar')), existsSync(join(root, 'archive/BIRTH.tar'))]).toEqual([
        true,
        false,
      ]);
      expect((await remove('BIRTH')).status).toBe(204);
      expect((await remove('BIRTH')).body.code).toBe('not_found');
      const audit = await store.read
        .selectFrom('audit')
        .select(['actor', 'subject', 'detail'])
        .where('action', '=', 'dataset.delete')
        .orderBy('id')
        .execute();
      expect(audit.map(({ detail, ...row }) => ({ ...row, ...JSON.parse(detail ?? '') }))).toEqual([
        { actor: 'key:admin', subject: 'dataset:BIRTH', archived: true, size: 1_536 },
        { actor: 'key:admin', subject: 'dataset:BIRTH', archived: false, size: 2_048 },
      ]);
    });

    test.each([
      '..%2FVICTIM',
      '%2e%2e%2fVICTIM',
      '..%5CVICTIM',
      '..%2f..%2fetc%2fpasswd',
      'archive%2FINSIDE',
      '%252e%252e%252fVICTIM',
      'VICTIM%00',
      'VICTIM.tar',
      'victim',
      '_VICTIM',
      '1VICTIM',
      'VICTIM%20',
      'VICT%C3%8DM',
      '%2E%2E',
      'A'.repeat(300),
    ])('whose name is %s is refused', async (name) => {
      writeFileSync(join(folder, 'VICTIM.tar'), tarBytes([{ path: 'VICTIM.json' }]));
      put('archive/INSIDE.tar', [{ path: 'INSIDE.json' }]);
      for (const method of ['GET', 'DELETE'] as const) {
        const confirm = { confirm: 'x' };
        const { status } = await desk.ask(
          method,
          `/datasets/${name}`,
          method === 'GET' ? undefined : confirm,
        );
        expect([400, 404]).toContain(status);
      }
      expect(existsSync(join(folder, 'VICTIM.tar'))).toBe(true);
      expect(existsSync(join(root, 'archive/INSIDE.tar'))).toBe(true);
    });

    test('that is a link or a folder is neither followed nor deleted', async () => {
      const victim = join(folder, 'VICTIM.tar');
      writeFileSync(victim, tarBytes([{ path: 'LINK.json' }]));
      symlinkSync(victim, join(root, 'LINK.tar'));
      mkdirSync(join(root, 'FOLDER.tar'));
      for (const name of ['LINK', 'FOLDER']) {
        expect((await remove(name)).status).toBe(404);
        expect((await desk.ask('GET', `/datasets/${name}`)).status).toBe(404);
        expect(existsSync(join(root, `${name}.tar`))).toBe(true);
      }
      expect(existsSync(victim)).toBe(true);
    });

    test('that is broken can be deleted', async () => {
      writeFileSync(join(root, 'BROKEN.tar'), 'broken');
      expect((await desk.ask('GET', '/datasets/BROKEN')).body.problems).toEqual(['broken_tar']);
      expect((await remove('BROKEN')).status).toBe(204);
    });

    test('is not deleted by a provider', async () => {
      put('BIRTH.tar', [{ path: 'BIRTH.json' }]);
      expect((await remove('BIRTH', undefined, await desk.key('provider'))).status).toBe(403);
      expect((await remove('BIRTH', undefined, await desk.key('editor', 'a'))).status).toBe(204);
    });
  });
});
