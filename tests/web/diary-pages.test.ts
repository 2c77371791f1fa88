import type { Job } from '@daybook/core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { fillWithSleds } from './sleds.ts';
import { visitDiary } from './visit.ts';
import { post, Visitor } from './visitor.ts';

const visit = visitDiary(fillWithSleds);

const rows = (page: Page) => page.locator('[data-job]');
const addressOf = (page: Page) => page.url().slice(visit.diary.url.length);

describe('signing in', () => {
  test('by the link: the token leaves the address at once, a password may follow, and works', async () => {
    const person = await Visitor.arrive(visit.browser, visit.diary);
    const page = await person.context.newPage();
    const { signInLink: link } = await post<{ signInLink: string }>(visit.diary, '/users', {
      name: 'doea',
      displayName: 'Alice Doe',
      role: 'editor',
      projects: ['*'],
    });
    await page.goto(link);
    await page.getByRole('heading', { name: /Welcome/ }).waitFor();
    expect(await page.getByRole('search').count()).toBe(0);
    expect(page.url()).not.toContain('token');
    await page.getByLabel('New password').fill('correct horse battery');
    await page.getByLabel('Repeat the password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Set password' }).click();
    await rows(page).first().waitFor();

    await page.getByRole('button', { name: 'Menu of Alice Doe' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('User name').fill('doea');
    await page.getByLabel('Password').fill('wrong horse');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('do not belong together').waitFor();
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await rows(page).first().waitFor();

    const late = await Visitor.arrive(visit.browser, visit.diary);
    const again = await late.context.newPage();
    await again.goto(link);
    await again.getByText('This link was used before').waitFor();
    await late.context.close();
    await person.context.close();
  });

  test('a stranger is asked to sign in, and comes back to the page that they wanted', async () => {
    const person = await Visitor.arrive(visit.browser, visit.diary);
    const page = await person.open('/jobs/3?tab=log');
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await page.getByLabel('User name').fill('doea');
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'sled_002.key' }).waitFor();
    expect(addressOf(page)).toBe('/diary/jobs/3?tab=log');
    await person.context.close();
  });

  test('a person whose session ends is told so, and comes back to the page', async () => {
    const person = await Visitor.arrive(visit.browser, visit.diary);
    const page = await person.open('/jobs/3');
    const signIn = async () => {
      await page.getByLabel('User name').fill('doea');
      await page.getByLabel('Password').fill('correct horse battery');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'sled_002.key' }).waitFor();
    };
    await signIn();
    await person.context.clearCookies();
    await page.getByRole('tab', { name: 'Log' }).click();
    await page.getByText('Your session has ended').waitFor();
    await signIn();
    expect(addressOf(page)).toBe('/diary/jobs/3?tab=log');

    await page.getByRole('button', { name: 'Menu of Alice Doe' }).click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect.poll(() => addressOf(page)).toBe('/diary/sign-in');
    await page.getByLabel('User name').waitFor();
    expect(await page.getByText('Your session has ended').count()).toBe(0);
    await person.context.close();
  });
});

describe('the page of a job', () => {
  test('tells the whole timeline by itself, however many percents lie between its facts', async () => {
    const job = await post<Job>(visit.diary, '/jobs', { name: 'ticks.sh', status: 'running' });
    await post(visit.diary, `/jobs/${job.id}/events`, {
      events: [
        { kind: 'file', metadata: { path: '/mnt/work/77/curves.csv', bytes: 714_103 } },
        { kind: 'link', message: 'https://wiki.example/77' },
      ],
    });
    const percents = Array.from({ length: 700 }, (_, index) => ({ kind: 'progress', percent: index / 8 }));
    await post(visit.diary, `/jobs/${job.id}/events`, { events: percents });
    const page = await visit.visitor.open(`/jobs/${job.id}`);
    await page.getByText('created').waitFor();
    await page.getByText('file curves.csv · 714\u00a0kB').waitFor();
    expect(await page.getByText('curves.csv').last().getAttribute('title')).toBe('/mnt/work/77/curves.csv');
    const link = page.getByRole('link', { name: 'https://wiki.example/77' });
    expect(await link.getAttribute('rel')).toContain('noopener');
    await post(visit.diary, `/jobs/${job.id}/events`, { kind: 'error', message: 'it broke live' });
    await page.getByText('it broke live').first().waitFor();
    await page.getByText('created').waitFor();
  });

  test('fills its bar no further than the work has come, and says how far a failed job came', async () => {
    const start = new Date(Date.now() - 60_000).toISOString();
    const body = { name: 'quarter.sh', status: 'running', submittedAt: start, startedAt: start };
    const job = await post<Job>(visit.diary, '/jobs', body);
    await post(visit.diary, `/jobs/${job.id}/events`, { kind: 'progress', percent: 25 });
    const page = await visit.visitor.open(`/jobs/${job.id}`);
    await page.getByText('25\u00a0%').first().waitFor();
    const shares = page.locator('header ~ * [aria-hidden=true] > span, [class*=bar] > span');
    const widths = await shares.evaluateAll((all) => all.map((each) => each.getBoundingClientRect().width));
    const [, ran = 0, left = 0] = widths;
    expect(ran / (ran + left)).toBeGreaterThan(0.2);
    expect(ran / (ran + left)).toBeLessThan(0.3);
    await post(visit.diary, `/jobs/${job.id}/events`, { kind: 'status', status: 'failed' });
    await page.getByText('got to 25\u00a0%').waitFor();
  });

  test('says who changed something on the first line that one reads of it', async () => {
    const job = await post<Job>(visit.diary, '/jobs', { name: 'who.key', status: 'succeeded' });
    const page = await visit.visitor.open(`/jobs/${job.id}`);
    for (const summary of ['first', 'second']) {
      await page.getByLabel('Summary').fill(summary);
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('Saved', { exact: true }).waitFor();
    }
    const entries = page
      .getByRole('tabpanel')
      .getByRole('listitem')
      .filter({ has: page.locator('time') });
    await expect.poll(() => entries.filter({ hasText: 'Summary' }).count()).toBe(2);
    expect(await entries.first().textContent()).toContain('by admin');
    expect(await entries.nth(1).textContent()).not.toContain('by admin');
  });

  test('keeps the place of its right side while that loads', async () => {
    const page = await visit.visitor.context.newPage();
    const { promise, resolve } = Promise.withResolvers<void>();
    await page.route('**/events?*', async (route) => {
      await promise;
      await route.continue();
    });
    await page.goto('/diary/jobs/1');
    await page.getByRole('tabpanel').locator('[aria-busy="true"] > span').first().waitFor();
    resolve();
    await page.getByRole('tabpanel').getByText('created').waitFor();
  });

  test('does not claim to follow a job that has ended, and shows commands whole', async () => {
    const job = await post<Job>(visit.diary, '/jobs', { name: 'over.sh', status: 'running' });
    await post(visit.diary, `/jobs/${job.id}/events`, { kind: 'log', message: 'the last line' });
    const page = await visit.visitor.open(`/jobs/${job.id}?tab=log`);
    await page.getByText('Following').waitFor();
    await post(visit.diary, `/jobs/${job.id}/events`, { kind: 'status', status: 'succeeded' });
    await page.getByText('Following').waitFor({ state: 'detached' });
    await page.getByRole('tab', { name: 'From the terminal' }).click();
    await page.locator('pre').nth(3).waitFor();
    const cut = await page
      .locator('pre')
      .evaluateAll((all) => all.filter((each) => each.scrollWidth > each.clientWidth).length);
    expect(cut).toBe(0);
    // On a phone the tab that one came for is among those that are seen.
    await page.setViewportSize({ width: 360, height: 740 });
    await page.reload();
    const tab = page.getByRole('tab', { name: 'From the terminal' });
    await expect.poll(async () => ((await tab.boundingBox())?.x ?? 999) < 300).toBe(true);
  });

  test('follows the log, with what went to stderr marked', async () => {
    const job = await post<Job>(visit.diary, '/jobs', { name: 'talks.sh', status: 'running' });
    const line = (message: string, stream: string) => ({ kind: 'log', message, stream });
    const old = Array.from({ length: 800 }, (_, index) =>
      line(index === 5 ? 'ERROR: no licence' : `line ${index}`, 'stdout'),
    );
    await post(visit.diary, `/jobs/${job.id}/events`, { events: old });
    const page = await visit.visitor.open(`/jobs/${job.id}?tab=log`);
    const log = page.getByRole('log');
    await log.getByText('line 799').waitFor();
    await post(visit.diary, `/jobs/${job.id}/events`, line('\u001b[31mit broke\u001b[0m', 'stderr'));
    const broken = log.locator('[data-stream="stderr"]', { hasText: 'it broke' });
    await broken.waitFor();
    // Red is what one can jump to: no line of those that are loaded says an error yet.
    const red = () =>
      log.evaluate((box) => {
        const probe = box.appendChild(document.createElement('i'));
        probe.style.color = 'var(--status-failed)';
        const { color } = getComputedStyle(probe);
        probe.remove();
        const lines = [...box.querySelectorAll('[data-index]')];
        return lines.filter((line) => getComputedStyle(line).borderInlineStartColor === color).length;
      });
    expect(await red()).toBe(0);
    await log.evaluate((element) => element.scrollTo(0, 0));
    await page.getByText('Following').waitFor({ state: 'detached' });
    await post(visit.diary, `/jobs/${job.id}/events`, line('one more', 'stdout'));
    await page.getByText('1 new line').waitFor();
    await page.keyboard.press('f');
    await log.getByText('one more').waitFor();
    // It is in none of the lines that were loaded at first.
    await page.keyboard.press('p');
    await log.getByText('ERROR: no licence').waitFor();
    await page.getByText('1 error').waitFor();
    expect(await red()).toBe(1);
    // And from the end one may leave again.
    await page.keyboard.press('f');
    await page.getByText('Following').waitFor();
    await log.evaluate((element) => element.scrollBy(0, -3_000));
    await page.getByText('Following').waitFor({ state: 'detached' });
    const below = (element: Element) => element.scrollHeight - element.clientHeight - element.scrollTop;
    expect(await log.evaluate(below)).toBeGreaterThan(1_000);
  });

  test('breaks long lines of the log at the edge, stays at its end, and lets them run on when asked', async () => {
    const job = await post<Job>(visit.diary, '/jobs', { name: 'wide.sh', status: 'running' });
    const line = (index: number) => ({
      kind: 'log',
      message: `line ${index} ${'größer '.repeat(index % 90)}|`,
    });
    const events = (from: number, to: number) =>
      post(visit.diary, `/jobs/${job.id}/events`, {
        events: Array.from({ length: to - from }, (_, index) => line(from + index)),
      });
    await events(0, 700);
    const page = await visit.visitor.open(`/jobs/${job.id}?tab=log`);
    const log = page.getByRole('log');
    const last = async (index: number) =>
      await expect.poll(() => log.getByText(`line ${index} `).isVisible()).toBe(true);
    const below = () => log.evaluate((box) => box.scrollHeight - box.clientHeight - box.scrollTop);
    const beside = () => log.evaluate((box) => box.scrollWidth - box.clientWidth);
    await last(699);
    await events(700, 900);
    await last(899);
    expect(await below()).toBeLessThan(2);
    expect(await beside()).toBe(0);
    await page.keyboard.press('w');
    await expect.poll(beside).toBeGreaterThan(100);
    await page.getByRole('button', { name: 'Wrap lines' }).click();
    await expect.poll(beside).toBe(0);
    await page.getByText('Following').waitFor();
    // What comes in above the view leaves it where it is.
    await log.evaluate((box) => box.scrollTo(0, 700));
    const top = () =>
      log.evaluate((box) => {
        const edge = box.getBoundingClientRect().top;
        const rows = [...box.querySelectorAll<HTMLElement>('[data-index]')];
        const first = rows.find((row) => row.getBoundingClientRect().bottom > edge);
        return first?.textContent?.match(/line \d+/)?.[0];
      });
    // Its rows are drawn a moment later.
    await expect.poll(async () => Number((await top())?.slice('line '.length))).toBeLessThan(800);
    const before = await top();
    await expect.poll(() => log.evaluate((box) => box.scrollTop)).toBeGreaterThan(2_000);
    expect(await top()).toBe(before);
  });

  test('shows both versions when somebody else saved first, and loses neither', async () => {
    const job = await post<Job>(visit.diary, '/jobs', { name: 'both.key', status: 'succeeded' });
    const page = await visit.visitor.open(`/jobs/${job.id}`);
    await page.getByLabel('Summary').fill('mine');
    await page.getByText('Unsaved changes').waitFor();
    await page.reload();
    expect(await page.getByLabel('Summary').inputValue()).toBe('mine');
    await post(
      visit.diary,
      `/jobs/${job.id}`,
      { version: job.version, summary: 'theirs', info: 'a note' },
      'PATCH',
    );
    // It is said at the field as soon as the stream tells of it.
    await page.getByText('Summary: somebody else has changed it meanwhile. Stored now: theirs').waitFor();
    await page.getByLabel('Analysis status').selectOption('ongoing');
    const save = page.getByRole('button', { name: 'Save' });
    await save.click();
    await page.getByText(/Somebody else changed this job meanwhile: \S+, /).waitFor();
    await page.getByText('Your other changes go with it: Analysis status').waitFor();
    // What they alone changed is not asked, and for what both did nothing is chosen beforehand.
    expect(await page.getByRole('group').count()).toBe(1);
    expect(await save.isDisabled()).toBe(true);
    expect(await visit.visitor.faults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Back without saving' }).click();
    expect(await page.getByLabel('Summary').inputValue()).toBe('mine');
    await save.click();
    await page.getByRole('radio', { name: 'Both' }).check();
    await page.getByLabel('Both, as it will be saved').fill('theirs, and mine');
    await save.click();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(await visit.diary.get<Job>(`/jobs/${job.id}`)).toMatchObject({
      summary: 'theirs, and mine',
      info: 'a note',
      analysisStatus: 'ongoing',
    });
  });

  test('merges by itself what two people changed in different fields', async () => {
    const job = await post<Job>(visit.diary, '/jobs', { name: 'merged.key', status: 'succeeded' });
    const page = await visit.visitor.open(`/jobs/${job.id}`);
    await page.getByLabel('Summary').fill('mine');
    await page.getByLabel('Analysis status').selectOption('ongoing');
    // Somebody else is faster by the blink of an eye: the stream has not told of it yet.
    await page.route(`**/api/v1/jobs/${job.id}`, async (route) => {
      if (
        route.request().method() === 'PATCH' &&
        (await visit.diary.get<Job>(`/jobs/${job.id}`)).version === 1
      )
        await post(
          visit.diary,
          `/jobs/${job.id}`,
          { version: 1, assessment: 'issue', tags: ['hers'] },
          'PATCH',
        );
      await route.continue();
    });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(await visit.diary.get<Job>(`/jobs/${job.id}`)).toMatchObject({
      summary: 'mine',
      analysisStatus: 'ongoing',
      assessment: 'issue',
      tags: ['hers'],
    });
  });

  test('cancels and retries after asking', async () => {
    const job = await post<Job>(visit.diary, '/jobs', { name: 'stop.sh', status: 'running' });
    const page = await visit.visitor.open(`/jobs/${job.id}`);
    await page.getByRole('button', { name: 'Cancel job' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel job' }).click();
    await page.getByRole('button', { name: 'Retry' }).click();
    expect((await visit.diary.get<Job>(`/jobs/${job.id}`)).status).toBe('canceled');
    await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('button', { name: 'Cancel job' }).waitFor();
    expect((await visit.diary.get<Job>(`/jobs/${job.id}`)).status).toBe('queued');
  });
});

test('names the steps whose name fits, and no other by a piece of it', async () => {
  const page = await visit.visitor.open('/configurations');
  const narrow = page.getByRole('listitem').filter({ hasText: 'Mesh' });
  const wide = page.getByRole('listitem').filter({ hasText: 'Solve' });
  // The content security policy leaves this way of styling.
  await narrow.evaluate((element: HTMLElement) => {
    element.style.flex = 'none';
    element.style.width = '20px';
  });
  const isSeen = (element: Element) => {
    const name = element.firstElementChild?.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    return name !== undefined && name.top < box.bottom;
  };
  expect(await wide.evaluate(isSeen)).toBe(true);
  expect(await narrow.evaluate(isSeen)).toBe(false);
  expect(await narrow.getAttribute('title')).toContain('Mesh');
});

test('every page ends at the same edge', async () => {
  const page = await visit.visitor.context.newPage();
  await page.setViewportSize({ width: 1920, height: 900 });
  const edges = new Set<number>();
  for (const path of ['/', '/jobs/1', '/configurations', '/keys', '/api']) {
    await page.goto(`/diary${path}`);
    await page.locator('#content').getByRole('heading', { level: 1 }).waitFor();
    edges.add(
      await page.evaluate(() => document.getElementById('content')?.getBoundingClientRect().right ?? 0),
    );
  }
  expect([...edges]).toEqual([await page.evaluate(() => innerWidth)]);
});

test('a key is shown once and works', async () => {
  const page = await visit.visitor.open('/keys');
  await page.getByRole('button', { name: 'Make a key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('laptop');
  await dialog.getByRole('button', { name: 'Make a key' }).click();
  const key = (await dialog.locator('pre').first().textContent()) ?? '';
  const answer = await fetch(`${visit.diary.url}/api/v1/session`, { headers: { 'x-api-key': key } });
  expect(answer.status).toBe(200);
  await dialog.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Revoke: laptop' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('cell', { name: 'revoked' }).waitFor();
  expect(await page.content()).not.toContain(key);
});

test('speaks German from the first page on, and remembers it', async () => {
  const person = await Visitor.arrive(visit.browser, visit.diary, { locale: 'de-AT' });
  const page = await person.open('/sign-in');
  await page.getByRole('heading', { name: 'Anmelden' }).waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('de');
  await page.getByRole('button', { name: 'Menü' }).click();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await person.context.close();
});

describe('every page, in both themes', () => {
  const pages = {
    '/': 'Jobs',
    '/?user=nobody': 'Jobs',
    '/jobs/1': 'sled_000.key',
    '/jobs/1?tab=log': 'sled_000.key',
    '/jobs/1?tab=metadata': 'sled_000.key',
    '/jobs/1?tab=raw': 'sled_000.key',
    '/jobs/1?tab=terminal': 'sled_000.key',
    '/configurations': 'Configurations',
    '/configurations/crash': 'Crash simulation',
    '/keys': 'API keys',
    '/users': 'Users',
    // All of it is made of the same few parts, and would take axe as long as all other pages together.
    '/api?find=queue': 'API reference',
    '/about': 'About Daybook',
    '/help': 'Help',
    '/help/errors': 'What errors mean',
    '/nowhere': 'There is no such page',
  };

  test.each(Object.entries(pages))(
    '%s has no faults, however wide and in either theme',
    async (path, heading) => {
      const page = await visit.visitor.open(path);
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
      expect(await visit.visitor.faultsAnywhere(page, [1280, 360])).toEqual([]);
    },
  );

  test('the whole API reference is no wider than a narrow window', async () => {
    const page = await visit.visitor.open('/api');
    await page.setViewportSize({ width: 360, height: 800 });
    await page.getByRole('heading', { level: 1, name: 'API reference' }).waitFor();
    await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });

  test('also before somebody is signed in, and in dialogs', async () => {
    const person = await Visitor.arrive(visit.browser, visit.diary);
    const signIn = await person.open('/sign-in');
    await signIn.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await person.faults(signIn)).toEqual([]);
    await person.context.close();
    const page = await visit.visitor.open('/keys');
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await visit.visitor.faults(page)).toEqual([]);
  });
});

test('a server that restarts is met again by itself, and nothing that happened is missed', async () => {
  const job = await post<Job>(visit.diary, '/jobs', { name: 'patient.sh', status: 'running' });
  const page = await visit.visitor.open(`/jobs/${job.id}`);
  await page.getByRole('heading', { name: 'patient.sh' }).waitFor();
  await visit.diary.stop();
  await page.getByText('Connection lost').waitFor();
  await visit.diary.start();
  await post(visit.diary, `/jobs/${job.id}/events`, { kind: 'progress', percent: 42 });
  await page.locator('header').getByText('42 %').waitFor();
  await page.getByText('Connection lost').waitFor({ state: 'detached' });
  // The browser itself reports the refused connections.
  visit.visitor.complaints.splice(0);
});
