import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClaimAnswer, Job, MaintenanceStatus } from '@daybook/core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { tarBytes } from '../../packages/server/src/datasets/testing/tar-bytes.ts';
import { launchBrowser } from '../bed/browser.ts';
import { Diary } from '../cli/diary.ts';
import { post, Visitor } from './visitor.ts';

const input = mkdtempSync(join(tmpdir(), 'daybook-input-'));
let diary: Diary;
let browser: Browser;
let visitor: Visitor;

beforeAll(async () => {
  const members = [
    { path: 'BIRTHS.json', content: '{}' },
    { path: 'chunks/0', content: 'x' },
  ];
  writeFileSync(join(input, 'BIRTHS.tar'), tarBytes(members));
  writeFileSync(join(input, 'BROKEN.tar'), 'no tar at all');
  [diary, browser] = await Promise.all([Diary.open('--input-dir', input), launchBrowser()]);
  for (const tag of ['import', 'report']) {
    await post(diary, '/configurations', { tag, name: tag, steps: [{ tag: 'do', name: 'Do', points: 1 }] });
  }
  visitor = await Visitor.arrive(browser, diary);
  await visitor.signIn();
});

afterAll(async () => {
  await browser?.close();
  await diary?.close();
  rmSync(input, { recursive: true, force: true });
});

afterEach(async () => {
  for (const page of visitor.context.pages()) await page.close();
  await resume();
  expect(visitor.complaints.splice(0)).toEqual([]);
});

const offer = (job: object) => post<Job>(diary, '/jobs', { execution: 'claimed', ...job });
const claim = async (worker: string, configuration: string) =>
  (await post<ClaimAnswer>(diary, '/queue/claim', { worker, configurations: [configuration] })).items;
const addressOf = (page: Page) => page.url().slice(diary.url.length);
const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });
const jobRows = (page: Page) => page.locator('[data-job]');

async function resume(): Promise<void> {
  const { paused } = await diary.get<MaintenanceStatus>('/maintenance');
  if (paused) await post(diary, '/maintenance', { paused: false, reason: 'the test is over' });
}

async function cancelAll(): Promise<void> {
  await post(diary, '/jobs/bulk', { action: 'cancel', filter: { status: 'queued,running' } });
}

describe('the queue', () => {
  test('shows what waits, runs and works; each number leads to its jobs; it follows by itself', async () => {
    for (const name of ['first', 'second', 'third']) await offer({ name, configuration: 'import' });
    await offer({ name: 'tomorrow', configuration: 'import', runAfter: '2100-01-01T00:00:00Z' });
    const [held] = await claim('host-1', 'import');
    if (!held) throw new Error('nothing was claimed');
    const page = await visitor.open('/queue');
    await page.getByText('2 wait').waitFor();
    await page.getByText('1 is for later').waitFor();
    await row(page, 'host-1').getByRole('link', { name: 'first' }).waitFor();
    const line = row(page, 'import').first();
    expect(await line.getByRole('link', { name: '2', exact: true }).count()).toBe(1);
    await page.getByRole('img', { name: /4 came in and 0 went out/ }).waitFor();

    await post(diary, '/queue/complete', {
      items: [{ jobId: held.job.id, leaseToken: held.leaseToken, status: 'succeeded' }],
    });
    await row(page, 'host-1').getByText('nothing just now').waitFor();
    await page.getByRole('img', { name: /4 came in and 1 went out/ }).waitFor();

    await line.getByRole('link', { name: '2', exact: true }).click();
    await jobRows(page).first().waitFor();
    expect(addressOf(page)).toBe(
      '/diary/?status=queued&configuration=import&execution=claimed&q=-is%3Ascheduled',
    );
    await page.goBack();
    await page.getByRole('heading', { name: 'Queue' }).waitFor();
    await cancelAll();
    await page.getByText('Nothing waits and nothing runs').waitFor();
  });

  test('is limited, and no longer', async () => {
    await offer({ name: 'limited', configuration: 'report' });
    const page = await visitor.open('/queue');
    await page.getByRole('button', { name: 'Set a limit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('report');
    await dialog.getByLabel('At most').fill('0');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row(page, 'report').first().getByText('at its limit').waitFor();
    expect(await claim('host-1', 'report')).toEqual([]);
    await page.getByRole('button', { name: 'Edit: report' }).click();
    await dialog.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('as many jobs run as workers take').waitFor();
    expect(await claim('host-1', 'report')).toHaveLength(1);
    await cancelAll();
  });

  test('is paused by a key with a reason, which every page tells, and goes on', async () => {
    await offer({ name: 'patient', configuration: 'import' });
    const page = await visitor.open('/queue');
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.keyboard.press('p');
    const dialog = page.getByRole('dialog', { name: 'Pause the queue' });
    await dialog.getByLabel('Reason').fill('Upgrade of the store');
    await dialog.getByLabel('Until').fill('2100-01-01T14:00');
    await dialog.getByRole('button', { name: 'Pause' }).click();
    const note = page.getByRole('complementary', { name: 'Maintenance' });
    await note
      .getByText('The queue is paused by admin until 1 Jan 2100, 14:00: Upgrade of the store')
      .waitFor();
    await row(page, 'import').first().getByText('paused').waitFor();
    expect(await claim('host-1', 'import')).toEqual([]);

    await page.getByRole('link', { name: 'Jobs', exact: true }).click();
    await page.getByRole('link', { name: 'queue paused until 1 Jan 2100, 14:00' }).waitFor();
    await note.getByRole('link').click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('dialog').getByLabel('What was done').fill('It is upgraded');
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await note.waitFor({ state: 'detached' });
    await page.getByText('It is upgraded').waitFor();
    expect(await claim('host-1', 'import')).toHaveLength(1);
    await cancelAll();
  });

  test('a pause of some configurations is planned, announced and called off', async () => {
    const page = await visitor.open('/maintenance');
    await page.getByRole('button', { name: 'Plan a pause' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('Weekly backup');
    const from = new Date(Date.now() + 3_600_000);
    await dialog.getByLabel('From').fill(localText(from));
    await dialog.getByText('Only some configurations').click();
    await dialog.getByLabel('report').check();
    await dialog.getByRole('button', { name: 'Plan a pause' }).click();
    const note = page.getByRole('complementary', { name: 'Maintenance' });
    await note.getByText(/^report will be paused by admin from .* on: Weekly backup$/).waitFor();
    expect((await diary.get<MaintenanceStatus>('/maintenance')).scheduled[0]?.configurations).toEqual([
      'report',
    ]);
    await page.getByRole('button', { name: 'Call off: Weekly backup' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Call off' }).click();
    await row(page, 'Weekly backup').getByText('called off').waitFor();
    await note.waitFor({ state: 'detached' });
  });
});

/** As a field for date and time wants it. */
function localText(moment: Date): string {
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}

describe('targets and datasets', () => {
  test('a target tells who holds it, its history and its group', async () => {
    const job = await offer({ name: 'add it', target: 'dir/MY SET', operation: 'ADD', user: 'doea' });
    await offer({ name: 'other', target: 'OTHER' });
    const page = await visitor.open('/targets');
    await row(page, 'OTHER').waitFor();
    await page.getByLabel('Name begins with').fill('dir');
    await row(page, 'OTHER').waitFor({ state: 'detached' });
    expect(addressOf(page)).toBe('/diary/targets?q=dir');
    await page.getByRole('link', { name: 'dir/MY SET' }).click();
    await page.getByRole('link', { name: `held by job ${job.id}` }).waitFor();
    await row(page, 'add it').getByText('queued').waitFor();
    await page.getByRole('button', { name: 'Group …' }).click();
    await page.getByRole('dialog').getByLabel('Group').fill('slow');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('link', { name: 'slow' }).click();
    await row(page, 'dir/MY SET').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'dir/MY SET' }).waitFor();
    await cancelAll();
  });

  test('a dataset is deleted only after its name was typed', async () => {
    const page = await visitor.open('/datasets');
    await row(page, 'BROKEN').getByText('it is no whole tar file').waitFor();
    await row(page, 'BIRTHS').getByText('metadata, data').waitFor();
    await page.getByRole('link', { name: 'BIRTHS' }).click();
    await page.getByText('chunks/0').waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Delete BROKEN' }).click();
    const dialog = page.getByRole('dialog');
    const confirm = dialog.getByRole('button', { name: 'Delete' });
    await dialog.getByLabel('Type its name').fill('BROKE');
    expect(await confirm.isDisabled()).toBe(true);
    await dialog.getByLabel('Type its name').fill('BROKEN');
    await confirm.click();
    await row(page, 'BROKEN').waitFor({ state: 'detached' });
    expect(existsSync(join(input, 'BROKEN.tar'))).toBe(false);
    expect(existsSync(join(input, 'BIRTHS.tar'))).toBe(true);
  });
});

describe('many jobs at once', () => {
  const name = (index: number) => `many_${index}.key`;
  beforeAll(async () => {
    const jobs = Array.from({ length: 130 }, (_, index) => ({
      name: name(index),
      project: 'many',
      status: index % 10 === 0 ? 'running' : 'failed',
    }));
    await post(diary, '/jobs', { jobs });
  });

  test('rows are selected by click, range and key, counted before and told after', async () => {
    const page = await visitor.open('/?project=many&sort=id');
    await jobRows(page).first().waitFor();
    const bar = page.getByRole('region', { name: 'Selected jobs' });
    await page.getByRole('checkbox').nth(0).click();
    await page
      .getByRole('checkbox')
      .nth(3)
      .click({ modifiers: ['Shift'] });
    await bar.getByText('4 jobs selected').waitFor();
    await page.keyboard.press('Escape');
    await bar.waitFor({ state: 'detached' });
    for (const key of ['j', 'x', 'j', 'j', 'X']) await page.keyboard.press(key);
    await bar.getByText('3 jobs selected').waitFor();

    await bar.getByRole('button', { name: 'Retry' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('2 jobs will be queued again').waitFor();
    await dialog.getByText('1 is left as it is: 1 has not ended yet.').waitFor();
    expect((await diary.job(name(1))).status).toBe('failed');
    await dialog.getByLabel('Why').fill('the mesh is mended');
    await dialog.getByRole('button', { name: 'Retry 2 jobs' }).click();
    await page.getByRole('dialog', { name: '2 jobs are queued again' }).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await bar.waitFor({ state: 'detached' });
    expect((await diary.job(name(1))).status).toBe('queued');
    await jobRows(page).nth(1).getByText('queued').waitFor();
  });

  test('all that match are meant, loaded or not', async () => {
    const page = await visitor.open('/?status=failed&project=many');
    await jobRows(page).first().waitFor();
    await page.getByRole('checkbox').first().click();
    await page.getByRole('button', { name: 'Select all 115 that match' }).click();
    const bar = page.getByRole('region', { name: 'Selected jobs' });
    await bar.getByText('All 115 jobs that match').waitFor();
    await bar.getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Retry 115 jobs' }).click();
    await page.getByRole('dialog', { name: '115 jobs are queued again' }).waitFor();
    await cancelAll();
  });

  test('who may not act has neither boxes nor switches, and still sees the queue', async () => {
    const { signInLink } = await post<{ signInLink: string }>(diary, '/users', {
      name: 'looker',
      role: 'viewer',
      projects: ['*'],
    });
    const person = await Visitor.arrive(browser, diary, { locale: 'de-DE' });
    const page = await person.context.newPage();
    await page.goto(signInLink);
    await page.getByRole('button', { name: 'Später' }).click();
    await jobRows(page).first().waitFor();
    expect(await page.getByRole('checkbox').count()).toBe(0);
    await page.getByRole('link', { name: 'Warteschlange' }).click();
    await page.getByRole('heading', { level: 1, name: 'Warteschlange' }).waitFor();
    await page.getByRole('heading', { name: 'Worker' }).waitFor();
    expect(await page.getByRole('button', { name: 'Pausieren' }).count()).toBe(0);
    expect(person.complaints).toEqual([]);
    await person.context.close();
  });
});

describe('every page around the queue, while it is paused', () => {
  const pages = {
    '/queue': 'Queue',
    '/targets': 'Targets',
    '/targets/SHOWN': 'SHOWN',
    '/maintenance': 'Maintenance',
    '/datasets': 'Datasets',
    '/datasets/BIRTHS': 'BIRTHS',
    '/?project=many': 'Jobs',
  };

  beforeAll(async () => {
    await offer({ name: 'shown', configuration: 'report', target: 'SHOWN', operation: 'ADD', user: 'doea' });
    await offer({ name: 'waits', configuration: 'import' });
    await claim('host-1', 'report');
  });

  test.each(Object.entries(pages))(
    '%s has no faults, however wide and in either theme',
    async (path, heading) => {
      await post(diary, '/maintenance', { paused: true, reason: 'Upgrade of the store' });
      const page = await visitor.open(path);
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
      await page.getByRole('complementary', { name: 'Maintenance' }).waitFor();
      if (path.startsWith('/?')) await page.getByRole('checkbox').first().click();
      else await page.locator('td').first().waitFor();
      expect(await visitor.faultsAnywhere(page, [1920, 1280, 360])).toEqual([]);
    },
  );

  test('nor have its dialogs', async () => {
    const page = await visitor.open('/maintenance');
    const faults: string[] = [];
    for (const name of ['Plan a pause', 'Pause']) {
      await page.getByRole('button', { name, exact: true }).click();
      await page.getByRole('dialog').getByText('Only some configurations').click();
      faults.push(...(await visitor.faults(page)));
      await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    }
    expect(faults).toEqual([]);
  });
});
