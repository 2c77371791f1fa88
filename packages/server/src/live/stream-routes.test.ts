import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { Authenticator } from '../access/authenticate.ts';
import { FrontDesk } from '../access/testing/front-desk.ts';
import { TestClock } from '../access/testing/test-clock.ts';
import { systemClock } from '../clock.ts';
import { type Diary, diaryOn } from '../jobs/testing/diary.ts';
import type { Store } from '../storage/index.ts';
import { forEachEngine } from '../storage/testing/engines.ts';
import { streamRoutes } from './stream-routes.ts';
import { Tail } from './tail.ts';

/* Without timers nothing ends by itself: what ends at once ends because it was told. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

forEachEngine((_engine, newDatabase) => {
  let store: Store;
  let desk: FrontDesk;
  let diary: Diary;
  beforeAll(async () => {
    store = (await newDatabase()).open();
    desk = new FrontDesk(store, new TestClock(systemClock.now()));
    diary = diaryOn(store);
  });

  /** An open stream of a new viewer of all projects, and what takes their session away. */
  async function open(name: string) {
    const session = await desk.user(name, { projects: ['*'] });
    const authenticator = new Authenticator(store, systemClock);
    const tail = new Tail(store, pino({ level: 'silent' }));
    const parts = {
      store,
      jobs: diary.jobs,
      tail,
      authenticate: (headers: IncomingHttpHeaders) => authenticator.authenticate(headers),
      onForget: (listener: () => void) => authenticator.onForget(listener),
      onDrop() {},
    };
    const [route] = streamRoutes(parts);
    const headers = { cookie: `daybook_session=${session}` };
    const actor = await authenticator.authenticate(headers);
    const gone = new AbortController().signal;
    const answer = await route?.handle({ actor, query: {}, headers, gone } as never);
    const outlet = new PassThrough();
    (answer as unknown as { stream(outlet: PassThrough): void }).stream(outlet);
    let told = '';
    outlet.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    await expect.poll(() => told).toContain('event: hello');
    const disable = () =>
      store.write(({ db }) =>
        db.updateTable('users').set({ disabled_at: 1 }).where('name', '=', name).execute(),
      );
    return { authenticator, tail, outlet, disable };
  }

  test('ends at once for whoever is disabled here, and nobody else', async () => {
    const [gone, kept] = [await open('gone'), await open('kept')];
    await gone.disable();
    for (const { authenticator } of [gone, kept]) authenticator.forget();
    await once(gone.outlet, 'end');
    expect(gone.tail.followers).toBe(0);
    await diary.create();
    expect(kept.outlet.writableEnded).toBe(false);
    kept.outlet.destroy();
  });

  test('ends soon for whoever was disabled elsewhere', async () => {
    const { outlet, disable, authenticator } = await open('elsewhere');
    await disable();
    // What is believed for a second is not what this is about.
    vi.spyOn(systemClock, 'now').mockReturnValue(Date.now() + 2_000);
    vi.advanceTimersByTime(3_000);
    await once(outlet, 'end');
    vi.restoreAllMocks();
    await authenticator.close();
  });
});
