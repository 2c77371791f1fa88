import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DaybookError, jobFileLimits } from '@daybook/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { actorOf, type Diary, diaryOn } from '../jobs/testing/diary.ts';
import type { Answer, Route } from '../route.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { fileRoutes } from './file-routes.ts';

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

forEachEngine((_engine, newDatabase) => {
  const root = mkdtempSync(join(tmpdir(), 'daybook-files-'));
  const shown = join(root, 'shown');
  const own = join(shown, 'job');
  const [secret, neighbour] = [join(root, 'secret'), join(shown, 'neighbour')];
  let diary: Diary;
  let routes: Route[];

  beforeAll(async () => {
    diary = diaryOn((await newDatabase()).open());
    routes = fileRoutes({ jobs: diary.jobs, roots: [shown] });
    for (const folder of [own, secret, neighbour, join(own, 'plots')]) mkdirSync(folder, { recursive: true });
    for (const folder of [secret, neighbour]) writeFileSync(join(folder, 'private.txt'), 'private');
    writeFileSync(join(own, 'out.log'), `${'x'.repeat(jobFileLimits.text)}the end`);
    writeFileSync(join(own, 'plots', 'a.png'), png);
    writeFileSync(join(own, 'page.html'), '<script>alert(1)</script>');
    writeFileSync(join(own, 'model.bin'), Buffer.from([1, 0, 2]));
    symlinkSync(secret, join(own, 'out'));
    symlinkSync(join(neighbour, 'private.txt'), join(own, 'link.txt'));
    symlinkSync(join(own, 'page.html'), join(own, 'inside.html'));
    symlinkSync(join(secret, 'private.txt'), join(own, 'log'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  function ask(id: number, path: string, query: object = {}, actor = diary.admin): Promise<Answer> {
    const found = routes.find((route) => route.path.endsWith(path)) as Route;
    return Promise.resolve(
      found.handle({ actor, params: { id }, query: found.query?.parse(query) } as Parameters<
        Route['handle']
      >[0]),
    );
  }
  const code = (answer: Promise<Answer>) =>
    answer.then(
      () => 'answered',
      (error: unknown) => (error instanceof DaybookError ? error.code : String(error)),
    );

  test('lists what stands in its directory, and nothing that leads out', async () => {
    const { id } = await diary.create({ jobDirectory: own, logFile: join(own, 'out.log') });
    const { body } = (await ask(id, '/files')) as {
      body: { items: { name: string; kind: string }[]; log: { size: number } };
    };
    expect(body.items.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
      'inside.html file',
      'model.bin file',
      'out.log file',
      'page.html file',
      'plots directory',
    ]);
    expect(body.log.size).toBe(jobFileLimits.text + 7);
  });

  test('images as they are, texts as text and by their end, and no other bytes', async () => {
    const { id } = await diary.create({ jobDirectory: own });
    const image = await ask(id, '/content', { path: 'plots/a.png' });
    expect(image.headers).toMatchObject({ 'content-type': 'image/png', 'x-content-type-options': 'nosniff' });
    const page = await ask(id, '/content', { path: 'page.html' });
    expect(page.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-security-policy': expect.stringContaining('sandbox'),
    });
    const tail = await ask(id, '/content', { path: 'out.log', part: 'tail' });
    expect([tail.status, String(tail.body).slice(-7)]).toEqual([206, 'the end']);
    expect(tail.headers?.['content-range']).toBe(
      `bytes 7-${jobFileLimits.text + 6}/${jobFileLimits.text + 7}`,
    );
    expect(await code(ask(id, '/content', { path: 'model.bin' }))).toBe('unsupported_media_type');
  });

  test.each([
    '../neighbour/private.txt',
    '../../secret/private.txt',
    'out/private.txt',
    'link.txt',
    '/etc/passwd',
    'plots/../../neighbour/private.txt',
    'a\0b',
    'nothing',
  ])('%s is no file of the job', async (path) => {
    const { id } = await diary.create({ jobDirectory: own });
    expect(await code(ask(id, '/content', { path }))).toBe('not_found');
    expect(await code(ask(id, '/files', { path }))).toBe('not_found');
  });

  test.each([
    ['/etc'],
    ['/'],
    [secret],
    [join(shown, '..')],
    [`${shown}er`],
    ['relative'],
    [join(own, 'out')],
  ])('a directory of %s is not shown', async (jobDirectory) => {
    const { id } = await diary.create({ jobDirectory, logFile: join(own, 'log') });
    expect(await code(ask(id, '/files'))).toBe('not_found');
    expect(await code(ask(id, '/content', { log: 'true' }))).toBe('not_found');
  });

  test('the log stands elsewhere than the job; and whoever does not see the job sees none of it', async () => {
    const { id } = await diary.create({ logFile: join(own, 'page.html') });
    expect(String((await ask(id, '/content', { log: 'true' })).body)).toContain('alert');
    expect((await ask(id, '/files')).body).toMatchObject({ items: [], log: { name: 'page.html' } });
    const stranger = actorOf({ role: 'viewer' }, { all: false });
    expect(await code(ask(id, '/files', {}, stranger))).toBe('not_found');
  });
});
