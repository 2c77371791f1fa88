import { type Digest, dayAfter } from '@daybook/core';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { grant } from '../access/scopes.ts';
import { TestClock } from '../access/testing/test-clock.ts';
import { createUser } from '../access/users.ts';
import type { Actor } from '../actor.ts';
import { HouseDesk } from '../http/testing/house-desk.ts';
import { actorOf, type Diary, diaryOn } from '../jobs/testing/diary.ts';
import { Mailer } from '../notify/mailer.ts';
import { MailServer } from '../notify/testing/mail-server.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { digestMail } from './digest-mail.ts';
import { subscribe, unsubscribe } from './subscriptions.ts';

const DAY = 24 * 60 * 60_000;
const XSS = '<script>alert(1)</script>](javascript:alert(1))';

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  let clock: TestClock;
  let desk: HouseDesk;
  let diary: Diary;
  beforeEach(async () => {
    store = (await newDatabase()).open();
    // A Wednesday.
    clock = new TestClock(Date.parse('2026-03-04T12:00:00Z'));
    desk = new HouseDesk(store, { clock, flags: { timeZone: 'Europe/Berlin' } });
    diary = diaryOn(store, clock);
  });
  afterEach(() => desk.close());

  const ended = (at: string, more: object = {}) => ({
    status: 'succeeded' as const,
    project: 'a',
    submittedAt: new Date(Date.parse(at) - 60_000).toISOString(),
    endedAt: new Date(at).toISOString(),
    ...more,
  });
  const digest = async (query = '', key?: string): Promise<Digest> =>
    (await desk.ask('GET', `/digest${query}`, undefined, key)).body;

  test('tells per project what ended, failed, was concluded and waits, and of others nothing', async () => {
    const [, failed, , judged] = await diary.createMany([
      ended('2026-03-02T10:00:00Z'),
      ended('2026-03-03T10:00:00Z', { status: 'failed', summary: 'diverged\nat 3 ms', user: 'doea' }),
      // The week before, as the clocks of Berlin tell it.
      ended('2026-03-01T22:30:00Z'),
      ended('2026-02-20T10:00:00Z', { project: 'b' }),
      ended('2026-03-03T10:00:00Z', { status: 'canceled', project: undefined }),
    ]);
    await desk.ask('PATCH', `/jobs/${judged?.id}`, { version: 1, analysisStatus: 'done', assessment: 'ok' });
    const found = await digest();
    expect([found.week, found.since, found.timeZone]).toEqual([
      '2026-W10',
      '2026-03-01T23:00:00.000Z',
      'Europe/Berlin',
    ]);
    expect(found.projects).toMatchObject([
      {
        project: 'a',
        jobs: 2,
        ended: { succeeded: 1, failed: 1 },
        failed: { count: 1, items: [{ id: failed?.id, note: 'diverged', user: 'doea' }] },
        concluded: { count: 0, items: [] },
        waiting: { count: 3 },
      },
      { project: null, jobs: 1, ended: { canceled: 1 }, waiting: { count: 0 } },
      { project: 'b', jobs: 0, concluded: { count: 1, items: [{ id: judged?.id, assessment: 'ok' }] } },
    ]);
    expect((await digest('?week=2026-W09')).projects).toMatchObject([
      { project: 'a', jobs: 1, waiting: { count: 1 } },
    ]);
    expect((await digest('?project=b')).projects.map(({ project }) => project)).toEqual(['b']);
    expect((await digest('', await desk.key('viewer', 'b'))).projects.map(({ project }) => project)).toEqual([
      'b',
    ]);
    expect((await desk.ask('GET', '/digest?week=2026-W54')).status).toBe(400);
  });

  test('names ten jobs of a list and counts all', async () => {
    await diary.createMany(
      Array.from({ length: 12 }, () =>
        ended('2026-03-03T10:00:00Z', { status: 'failed', summary: 'many words '.repeat(30) }),
      ),
    );
    const [project] = (await digest()).projects;
    expect([project?.failed.count, project?.failed.items.length]).toEqual([12, 10]);
    expect(project?.failed.items[0]?.note).toMatch(/^(many words )+many(?: words)?…$/);
  });

  test('nothing in names and notes is markup of its Markdown or HTML', async () => {
    await diary.create(
      ended('2026-03-03T10:00:00Z', { status: 'failed', name: XSS, summary: `# ${XSS}`, project: XSS }),
    );
    const read = async (format: string) => await desk.text('GET', `/digest?format=${format}&language=de`);
    const markdown = await read('markdown');
    expect(markdown).toContain('## \\<script\\>');
    expect(markdown).not.toMatch(/[^\\](<script|\]\(javascript)/);
    const html = await read('html');
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toMatch(/<script|href="javascript/);
    expect(html).toContain('Wartet auf ein Urteil');
  });

  describe('by mail', () => {
    let server: MailServer;
    let duty: ReturnType<typeof digestMail>;
    beforeEach(async () => {
      server = new MailServer();
      const mailer = new Mailer({ url: await server.listen(), from: 'Daybook <daybook@example.com>' });
      const log = pino({ level: 'silent' });
      duty = digestMail({
        store,
        clock,
        mailer,
        log,
        timeZone: 'Europe/Berlin',
        address: 'https://d.example',
      });
    });
    afterEach(() => server.close());

    const person = async (name: string, ...projects: string[]): Promise<Actor> => {
      const { user } = await createUser(store, clock, 'test', { name, role: 'viewer' });
      await store.write((transaction) => grant(transaction, { userId: user.id }, projects));
      return actorOf({ kind: 'user', id: user.id, name });
    };
    const parts = () => ({ store, clock, timeZone: 'Europe/Berlin' });
    const run = () => duty.run(new AbortController().signal);
    const sent = () => server.mails.map(({ to }) => to);

    test('everybody gets the week before once, on Monday, with what they may see', async () => {
      await diary.createMany([
        ended('2026-03-03T10:00:00Z', { name: 'seen' }),
        ended('2026-03-03T10:00:00Z', { name: 'hidden', project: 'secret' }),
      ]);
      await subscribe(parts(), await person('ann', 'a'), { email: 'ann@example.com', language: 'de' });
      await subscribe(parts(), await person('bob'), { email: 'bob@example.com', language: 'en' });
      await run();
      expect(sent()).toEqual([]);
      // Monday, 05:59 and 06:01 in Berlin.
      clock.pass(Date.parse('2026-03-09T04:59:00Z') - clock.now());
      await run();
      expect(sent()).toEqual([]);
      clock.pass(2 * 60_000);
      await run();
      await run();
      // Who may see nothing of it gets no mail.
      expect(sent()).toEqual(['ann@example.com']);
      const { source } = server.mails[0] ?? { source: '' };
      expect(source).toMatch(/^Subject: Daybook, Woche 2026-W10$/m);
      expect(source).toContain('List-Unsubscribe: <https://d.example/diary/digest>');
      expect(source).toContain('seen');
      expect(source).not.toContain('hidden');
    });

    test('what the mail server refuses is tried again, and holds up nobody else', async () => {
      await diary.create(ended('2026-03-03T10:00:00Z'));
      const ann = await person('ann', 'a');
      await subscribe(parts(), ann, { email: 'ann@example.com', language: 'en' });
      await subscribe(parts(), await person('bob', 'a'), { email: 'bob@example.com', language: 'en' });
      clock.pass(7 * DAY);
      server.refused.add('ann@example.com');
      await expect(run()).rejects.toThrow('1 people');
      expect(sent()).toEqual(['bob@example.com']);
      server.refused.clear();
      await run();
      expect(sent()).toEqual(['bob@example.com', 'ann@example.com']);
      clock.pass(7 * DAY);
      await unsubscribe(parts(), ann);
      await diary.create(ended(`${dayAfter('2026-03-04', 7)}T10:00:00Z`));
      await run();
      expect(sent().slice(2)).toEqual(['bob@example.com']);
    });
  });
});
