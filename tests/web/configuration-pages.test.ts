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
  await german.context.close();
});
