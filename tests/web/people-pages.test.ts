import type { Job } from '@daybook/core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../bed/browser.ts';
import { Diary } from '../cli/diary.ts';
import { post, signInLink, Visitor } from './visitor.ts';

const PASSWORD = 'correct horse battery';
let diary: Diary;
let browser: Browser;
let admin: Visitor;
const visitors: Visitor[] = [];

beforeAll(async () => {
  [diary, browser] = await Promise.all([Diary.open(), launchBrowser()]);
  admin = await Visitor.arrive(browser, diary);
  await admin.signIn();
});

afterAll(async () => {
  await browser?.close();
  await diary?.close();
});

afterEach(async () => {
  for (const visitor of [admin, ...visitors]) {
    for (const page of visitor.context.pages()) await page.close();
    expect(visitor.complaints.splice(0)).toEqual([]);
  }
});

const arrive = async (options = {}) => {
  const visitor = await Visitor.arrive(browser, diary, options);
  visitors.push(visitor);
  return visitor;
};
const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });
/** What a dialog shows once: the first thing to copy in it. */
const shownOnce = async (page: Page) =>
  ((await page.locator('dialog pre').first().textContent()) ?? '').trim();
const narrow = { viewport: { width: 360, height: 740 } };

async function signUp(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel('Choose a user name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('Repeat the password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign up' }).click();
}

/** Reports as a provider does, with a key of theirs. */
async function report<T>(key: string, path: string, body: object): Promise<T> {
  const response = await fetch(`${diary.url}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.ok).toBe(true);
  return (await response.json()) as T;
}

test('a sign-in link works, too, when the answer that nobody is here comes last', async () => {
  const visitor = await arrive();
  const page = await visitor.context.newPage();
  const signedIn = Promise.withResolvers<void>();
  await page.route('**/api/v1/session', async (route) => {
    if (route.request().method() === 'POST') {
      await route.fulfill({ response: await route.fetch() });
      signedIn.resolve();
    } else {
      await signedIn.promise;
      // Nobody waits for it any more where it was called off.
      await route.fulfill({ status: 401, json: { code: 'unauthenticated' } }).catch(() => undefined);
    }
  });
  await page.goto(await signInLink(diary));
  await page.getByRole('button', { name: 'Later' }).waitFor();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

test('a sign-in link works in a tab that shows the sign-in page already, and its token does not stay there', async () => {
  const visitor = await arrive();
  const page = await visitor.open('/');
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/diary/sign-in');
  await page.goto(await signInLink(diary));
  await page.getByRole('button', { name: 'Later' }).click();
  await page.getByRole('search').waitFor();
  expect(page.url()).not.toContain('token');
});

test('the address of a job without its number leads to the list', async () => {
  const page = await admin.open('/jobs?status=failed');
  await page.getByRole('search').waitFor();
  expect(page.url()).toMatch(/\/diary\/\?status=failed$/);
});

describe('by invitation', () => {
  let provider: Visitor;
  let customer: Visitor;
  let key: string;

  test('an admin lets a provider in, who makes a key and invites a customer', async () => {
    const page = await admin.open('/customers');
    await page.getByText('No customers yet').waitFor();
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.getByLabel('Invite a').selectOption('provider');
    await page.getByLabel('For whom').fill('Acme Imaging');
    expect(await admin.faults(page)).toEqual([]);
    await page.locator('dialog').getByRole('button', { name: 'Invite' }).click();
    await page.getByText('Send them this link').waitFor();
    const link = await shownOnce(page);
    await page.getByRole('button', { name: 'Close' }).click();
    await row(page, 'Acme Imaging').getByText('open until').waitFor();
    expect(await admin.faults(page)).toEqual([]);

    provider = await arrive();
    const first = await provider.context.newPage();
    await first.goto(link);
    await first.getByText('invited to produce jobs').waitFor();
    expect(await provider.faults(first)).toEqual([]);
    await signUp(first, link, 'acme');
    await first.getByText('No jobs yet').waitFor();
    expect(first.url()).not.toContain('dbi_');

    await first.goto('/diary/keys');
    await first.getByText('Scripts that report your jobs').waitFor();
    await first.getByRole('button', { name: 'Make a key' }).click();
    expect(await first.getByLabel('Role').count()).toBe(0);
    await first.getByLabel('Name').fill('nightly');
    await first.getByLabel('Note').fill('on node 7');
    await first.locator('dialog').getByRole('button', { name: 'Make a key' }).click();
    await first.getByText('Your new key').waitFor();
    key = await shownOnce(first);
    await first.getByRole('button', { name: 'Close' }).click();
    await row(first, 'nightly').getByText('on node 7').waitFor();

    await first.goto('/diary/customers');
    await first.getByRole('button', { name: 'Invite' }).click();
    expect(await first.getByLabel('Invite a').count()).toBe(0);
    await first.getByLabel('Their id in your jobs').fill('142');
    await first.locator('dialog').getByRole('button', { name: 'Invite' }).click();
    await first.getByText('Send them this link').waitFor();
    const invitation = await shownOnce(first);

    customer = await arrive(narrow);
    const theirs = await customer.context.newPage();
    await theirs.goto(invitation);
    await theirs.getByText('acme invites you to follow the jobs of customer 142.').waitFor();
    expect(await customer.faults(theirs)).toEqual([]);
    await signUp(theirs, invitation, 'acme');
    await theirs.getByText('Somebody has this user name already').waitFor();
    await theirs.getByLabel('Choose a user name').fill('jane@example.org');
    await theirs.getByRole('button', { name: 'Sign up' }).click();
    await theirs.getByRole('heading', { name: 'Your jobs' }).waitFor();
    await theirs.getByText('acme as customer 142').waitFor();

    const late = await arrive();
    const used = await late.context.newPage();
    await used.goto(invitation);
    await used.getByText('This invitation is worth nothing any more').waitFor();
  });

  test('a customer follows their jobs live, in plain words, and is shown nothing else', async () => {
    const page = await customer.open('/');
    await page.getByText('As soon as a job names you').waitFor();
    const steps = [
      { tag: 'inside-prep', name: 'Prepare', points: 1 },
      { tag: 'inside-recon', name: 'Reconstruct', points: 3 },
    ];
    const more = { status: 'running', parameters: { host: 'node7' }, info: 'inside', steps };
    await report(key, '/jobs', { name: 'Not yours', customer: '143', ...more });
    const job = await report<Job>(key, '/jobs', { name: 'Your scan', customer: '142', ...more });
    await page.getByText('1 of your jobs is being worked on').waitFor();
    expect(await page.getByText('Not yours').count()).toBe(0);
    expect(await page.getByRole('search').count()).toBe(0);
    expect(await customer.faults(page)).toEqual([]);

    await page.getByRole('link', { name: 'Your scan' }).click();
    await page.getByText('Is being worked on').waitFor();
    const events = `/jobs/${job.id}/events`;
    await report(key, events, { kind: 'step', step: 'inside-prep', status: 'succeeded', message: 'inside' });
    await report(key, events, { kind: 'step', step: 'inside-recon', percent: 50, message: 'inside' });
    await page.getByText('Step 2 of 2: Reconstruct').waitFor();
    expect(await page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('62');
    expect(await customer.faults(page)).toEqual([]);
    await report(key, events, { kind: 'status', status: 'failed', message: 'inside: license server' });
    await page.getByText('Has ended without success').waitFor();
    expect(await page.content()).not.toMatch(/inside|node7/);
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    expect(new URL(page.url()).pathname).toBe(`/diary/jobs/${job.id}`);
    // Nothing is asked for them there, so that nothing is refused.
    for (const path of ['/queue', '/maintenance', '/targets', '/configurations', '/keys', '/users']) {
      await page.goto(`/diary${path}`);
      await page.getByRole('heading', { name: 'This page is not for you' }).waitFor();
    }
    expect(await customer.faults(page)).toEqual([]);
    // The help speaks of what they can do.
    await page.goto('/diary/help');
    await page.getByRole('heading', { name: 'What a status means' }).waitFor();
    await page.getByText('Go to the jobs').waitFor();
    expect(await page.getByText(/How search works|Go to the inbox|Say of the row/).count()).toBe(0);
    expect(customer.complaints).toEqual([]);
    await page.goto('/diary/jobs/1');
    await page.getByRole('heading', { name: 'There is no job 1' }).waitFor();
    expect(await page.content()).not.toMatch(/Not yours/);
    customer.complaints.splice(0); // that the answer was 404 is told to them; the browser tells the console, too
  });

  test('a provider sees whom they let in, and lets them out again', async () => {
    const page = await provider.open('/customers');
    await page.getByRole('cell', { name: '142', exact: true }).first().waitFor();
    expect(await provider.faults(page)).toEqual([]);
    const theirs = await customer.open('/');
    await theirs.getByRole('link', { name: 'Your scan' }).waitFor();
    await page.getByRole('button', { name: 'Remove: jane@example.org, 142' }).click();
    await page.locator('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No customers yet').waitFor();
    await theirs.reload();
    await theirs.getByText('No jobs yet').waitFor();
  });
});

describe('a shared job', () => {
  test('is followed by whoever has the link, until it is taken back', async () => {
    const job = await post<Job>(diary, '/jobs', {
      name: 'Nightly reconstruction',
      status: 'running',
      info: 'inside',
      steps: [
        { tag: 'inside-prep', name: 'Prepare', points: 1 },
        { tag: 'inside-recon', name: 'Reconstruct', points: 3 },
      ],
    });
    await post(diary, `/jobs/${job.id}/events`, { kind: 'step', step: 'inside-prep', status: 'succeeded' });
    const page = await admin.open(`/jobs/${job.id}`);
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByLabel('For whom').fill('Ms. Doe');
    await page.getByLabel('Good for').selectOption('7');
    await page.getByRole('button', { name: 'Make a link' }).click();
    await page.getByText('Copy it now').waitFor();
    const [link = '', badge = ''] = await page.locator('dialog pre').allTextContents();
    await page.getByRole('button', { name: 'Take back: Ms. Doe' }).waitFor();
    expect(
      await page.locator('dialog img').evaluate((img) => (img as HTMLImageElement).naturalWidth),
    ).toBeGreaterThan(50);
    expect(await admin.faults(page)).toEqual([]);

    const asked: string[] = [];
    const stranger = await arrive(narrow);
    const theirs = await stranger.context.newPage();
    theirs.on('request', (request) => asked.push(request.url(), JSON.stringify(request.headers())));
    await theirs.goto(link.trim());
    await theirs.getByRole('heading', { name: 'Nightly reconstruction' }).waitFor();
    await theirs.getByText('25 %').first().waitFor();
    expect(await stranger.faults(theirs)).toEqual([]);
    // The token is in no address that a server or a log sees, and in no Referer.
    expect(
      asked.filter((text) => text.includes(new URL(link.trim()).hash.slice(1)) && !text.includes('#')),
    ).toEqual([]);
    expect(await theirs.content()).not.toMatch(/inside/);
    await post(diary, `/jobs/${job.id}/events`, { kind: 'step', step: 'inside-recon', percent: 50 });
    await theirs.getByText('Step 2 of 2: Reconstruct').waitFor();

    const picture = await fetch(badge.trim());
    expect(await picture.text()).toContain('running 62 %');
    await page.getByRole('button', { name: 'Take back: Ms. Doe' }).click();
    await page.getByText('taken back').waitFor();
    await theirs.getByText('This link shows nothing any more').waitFor();
    expect(await stranger.faults(theirs)).toEqual([]);
    expect((await fetch(badge.trim())).status).toBe(404);
    // That the link was gone is told to the person; the browser tells the console, too.
    stranger.complaints.splice(0);
  });

  test('speaks German to who reads German', async () => {
    const job = await post<Job>(diary, '/jobs', { name: 'Nachtlauf', status: 'queued' });
    const { link } = await post<{ link: string }>(diary, '/shares', { jobId: job.id });
    const stranger = await arrive({ locale: 'de-DE' });
    const page = await stranger.context.newPage();
    await page.goto(link);
    await page.getByText('Wartet, bis die Reihe an ihn kommt').waitFor();
    await page.getByText('Dieser Link gilt bis').waitFor();
    expect(await stranger.faults(page)).toEqual([]);
  });
});
