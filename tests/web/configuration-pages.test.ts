import type { Job } from '@daybook/core';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../bed/browser.ts';
import { Diary } from '../cli/diary.ts';
import { post, Visitor } from './visitor.ts';

let diary: Diary;
let browser: Browser;
let visitor: Visitor;
let running: Job;

const configuration = (version: string, steps: object[]) =>
  post(diary, '/configurations', { tag: 'sled', name: 'Sled run', version, steps });

/** When a job of the past began, and what it reported of steps that took so many seconds. */
function reports(start: number, seconds: readonly number[]): object[] {
  let at = start;
  return seconds.flatMap((length, index) => {
    const step = ['mesh', 'solve', 'post'][index];
    const startedAt = new Date(at).toISOString();
    at += length * 1_000;
    return [
      { kind: 'step', step, status: 'running', at: startedAt },
      { kind: 'step', step, status: 'succeeded', at: new Date(at).toISOString() },
    ];
  });
}

beforeAll(async () => {
  [diary, browser] = await Promise.all([Diary.open(), launchBrowser()]);
  await configuration('1.0.0', [
    { tag: 'mesh', name: 'Mesh', points: 1 },
    { tag: 'solve', name: 'Solve', points: 1 },
    { tag: 'plot', name: 'Plot', points: 1 },
  ]);
  await configuration('1.1.0', [
    { tag: 'mesh', name: 'Make the mesh', points: 10 },
    { tag: 'solve', name: 'Solve', points: 10 },
    { tag: 'post', name: 'Post-process', points: 10 },
  ]);
  for (const factor of [1, 1.1, 0.9, 1.2, 1]) {
    const start = Date.now() - 86_400_000;
    const input = { name: 'past', configuration: 'sled', status: 'running', startedAt: new Date(start) };
    const job = await post<Job>(diary, '/jobs', input);
    const seconds = [120, 1_800, 60].map((each) => each * factor);
    const end = start + seconds.reduce((sum, each) => sum + each, 0) * 1_000;
    const ended = { kind: 'status', status: 'succeeded', at: new Date(end).toISOString() };
    await post(diary, `/jobs/${job.id}/events`, { events: [...reports(start, seconds), ended] });
  }
  // Whoever asks waits for what is known; the events of a job do not.
  await diary.get('/configurations/sled/history');
  running = await post<Job>(diary, '/jobs', { name: 'now', configuration: 'sled', status: 'running' });
  await post(diary, `/jobs/${running.id}/events`, {
    events: [{ kind: 'step', step: 'mesh', status: 'running' }],
  });
  visitor = await Visitor.arrive(browser, diary);
  await visitor.signIn();
});

afterAll(async () => {
  await browser?.close();
  await diary?.close();
});

afterEach(async () => {
  for (const page of visitor.context.pages()) await page.close();
  expect(visitor.complaints.splice(0)).toEqual([]);
});

const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });
/** What stands in the cells of a row, with plain spaces. */
const cells = async (line: Locator) =>
  (await line.getByRole('cell').allTextContents()).map((text) => text.replaceAll('\u00a0', ' '));
const table = (page: Page, name: string) => page.getByRole('region', { name });

test('a configuration tells what its steps weigh and really take, and what changed', async () => {
  const page = await visitor.open('/configurations/sled');
  const steps = table(page, 'Steps of version 1.1.0');
  const solve = steps.getByRole('row').filter({ hasText: 'solve' });
  await solve.getByText('91 %').waitFor();
  expect(await cells(solve)).toEqual(['Solve', 'solve', '10', '33 %', '91 %', '30 m', '35 m']);
  await page.getByText('Measured by the last 5 succeeded jobs').waitFor();
  await row(page, '1.1.0')
    .getByText('1 step added · 1 step removed · points of 2 steps · 1 step renamed')
    .waitFor();
  const compared = table(page, 'Side by side');
  await compared.getByRole('row').filter({ hasText: 'Make the mesh' }).getByText('was “Mesh”').waitFor();
  await compared.getByRole('row').filter({ hasText: 'Plot' }).getByText('removed').waitFor();
  expect(await visitor.faults(page)).toEqual([]);
  await page.getByLabel('Before').selectOption('1.1.0');
  await compared.getByText('was “Mesh”').waitFor({ state: 'detached' });
  expect(new URL(page.url()).search).toBe('?before=1.1.0');
  await table(page, 'Versions').getByRole('link', { name: '6', exact: true }).click();
  await page.locator('[data-job]').first().waitFor();
  expect(new URL(page.url()).search).toBe('?configuration=sled&configurationVersion=1.1.0');
  expect(await page.locator('[data-job]').count()).toBe(6);
});

test('a running job is told with what is usual', async () => {
  const page = await visitor.open(`/jobs/${running.id}`);
  await page.getByText(/about \d+ min left \(\d+–\d+\)/).waitFor();
  await page.getByRole('listitem').filter({ hasText: 'Solve' }).getByText('usually 30 m').waitFor();
  expect(await visitor.faults(page)).toEqual([]);
  await page.goto('/diary/?status=running');
  await page
    .locator('[data-job]')
    .getByText(/\d+ m left/)
    .waitFor();
});

test('points are set from real durations, as a new version', async () => {
  const page = await visitor.open('/configurations/sled');
  await page.getByRole('button', { name: 'Set points from real durations' }).click();
  const dialog = page.getByRole('dialog', { name: 'Points from real durations' });
  expect(await cells(dialog.getByRole('row').filter({ hasText: 'Solve' }))).toEqual([
    'Solve',
    '10',
    '33 %',
    '1,800',
    '91 %',
    'points',
  ]);
  expect(await visitor.faults(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Make version 1.2.0' }).click();
  await page.getByRole('heading', { name: 'Steps of version 1.2.0' }).waitFor();
  await row(page, '1.2.0').getByText('points of 3 steps').waitFor();
  expect(await page.getByRole('button', { name: 'Set points from real durations' }).isDisabled()).toBe(true);
});

test('a next version is written by hand, survives a reload, is told its faults, and compared before it is saved', async () => {
  const page = await visitor.open('/configurations/sled');
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByRole('heading', { name: 'Next version of Sled run' }).waitFor();
  const compare = page.getByRole('button', { name: 'Compare and save' });
  const step = (number: number) => page.getByRole('group', { name: `Step ${number}`, exact: true });
  expect(await compare.isDisabled()).toBe(true);
  await step(1).getByLabel('Points').fill('240');
  await page.getByRole('button', { name: 'Add a step' }).click();
  await page.keyboard.type('Report'); // it has the focus
  await step(4).getByLabel('Tag').fill('mesh');
  await step(4).getByLabel('Points').fill('30');
  await page.keyboard.press('Alt+ArrowUp');
  expect(await step(3).getByLabel('Points').inputValue()).toBe('30');
  await page.reload();
  await page.getByText('Unsaved changes').waitFor();
  expect(await step(3).getByLabel('Name').inputValue()).toBe('Report');
  expect(await visitor.faults(page)).toEqual([]);
  await compare.click();
  await page.getByText('is the tag of step 1 already').waitFor();
  const tag = step(3).getByLabel('Tag');
  await tag.fill('report!');
  await compare.click();
  const dialog = page.getByRole('dialog', { name: 'Version 1.3.0' });
  await dialog.getByRole('button', { name: 'Make version 1.3.0' }).click();
  await page.getByText('must be letters, digits').waitFor();
  expect(await tag.getAttribute('aria-invalid')).toBe('true');
  await expect.poll(() => tag.evaluate((field) => field === document.activeElement)).toBe(true);
  await tag.fill('report');
  await page.keyboard.press('Enter');
  expect(await cells(dialog.getByRole('row').filter({ hasText: 'Report' }))).toEqual([
    'Report',
    '',
    '',
    '30',
    '1 %',
    'added',
  ]);
  await dialog.getByRole('button', { name: 'Make version 1.3.0' }).click();
  await page.getByRole('heading', { name: 'Steps of version 1.3.0' }).waitFor();
  await row(page, '1.3.0').getByText('1 step added · points of 1 step').waitFor();
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByRole('heading', { name: 'Next version of Sled run' }).waitFor();
  expect(await page.getByText('Unsaved changes').count()).toBe(0);
  visitor.complaints.splice(0); // that an answer was 400 is told at the field; the browser tells the console, too
});

test('the same in German, on a narrow screen', async () => {
  const german = await Visitor.arrive(browser, diary, {
    locale: 'de-DE',
    viewport: { width: 360, height: 780 },
    colorScheme: 'dark',
  });
  await german.signIn();
  const page = await german.open('/configurations/sled');
  await page.getByText('Gemessen an den letzten 5 geglückten Jobs').waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expect(await german.faults(page)).toEqual([]);
  await page.goto('/diary/configurations');
  await page.getByRole('link', { name: 'Neue Konfiguration' }).click();
  await page.getByLabel('Name').first().focus();
  await page.keyboard.type('Kleiner Lauf');
  for (const text of ['kurz', '1.0.0', 'Rechnen', 'rechnen', '5']) {
    await page.keyboard.press('Tab');
    await page.keyboard.type(text); // what a field has is selected when one comes to it
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expect(await german.faults(page)).toEqual([]);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Schritte der Version 1.0.0' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/diary/configurations/kurz');
  await german.context.close();
});
