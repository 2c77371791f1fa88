import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../bed/browser.ts';
import { Diary } from '../cli/diary.ts';
import { post, Visitor } from '../web/visitor.ts';

let diary: Diary;
let browser: Browser;
let visitor: Visitor;
const assessments = ['ok', 'obsolete', null] as const;

beforeAll(async () => {
  [diary, browser] = await Promise.all([Diary.open(), launchBrowser()]);
  const jobs = Array.from({ length: 60 }, (_, index) => ({
    name: index % 2 === 0 ? `sled_${index}.key` : `roof_${index}.key`,
    externalId: String(1_234_500 + index),
    kind: 'simulation',
    project: index % 3 === 0 ? '3001234' : 'q000351',
    user: index % 5 === 0 ? 'doea' : 'doeb',
    solver: 'LS-DYNA',
    status: index % 4 === 0 ? 'failed' : 'succeeded',
    assessment: assessments[index % 3],
    info: index === 7 ? '=cmd|calc, "the pulse" was new' : '',
    tags: index < 3 ? ['PAB'] : [],
  }));
  await post(diary, '/jobs', { jobs });
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

const rows = (page: Page) => page.locator('[data-job]');
const box = (page: Page) => page.getByRole('combobox', { name: 'Search the jobs' });
const count = (page: Page, jobs: number) => page.getByText(`${jobs} jobs`, { exact: true }).waitFor();
const queryOf = (page: Page) => new URL(page.url()).searchParams.get('q');

test('the first page asks six times at most, and leaves out what is obsolete', async () => {
  const page = await visitor.context.newPage();
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.startsWith('/api/') && !pathname.endsWith('/stream')) asked.push(pathname + search);
  });
  await page.goto('/diary/');
  await rows(page).first().waitFor();
  await count(page, 40);
  expect(asked.length, asked.join('\n')).toBeLessThanOrEqual(6);
  await page.getByRole('link', { name: 'show obsolete ones, too' }).click();
  await count(page, 60);
  expect(page.url()).toContain('obsolete=shown');
});

test('the list follows what is typed; a fault is said and underlined, and what was found stays', async () => {
  const page = await visitor.open('/');
  await rows(page).first().waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('sled status:failed');
  await count(page, 10);
  expect(queryOf(page)).toBe('sled status:failed');
  await page.keyboard.type(' statu:x');
  await page.getByText('there is no field statu').waitFor();
  expect(await box(page).getAttribute('aria-invalid')).toBe('true');
  expect(await page.locator('u').textContent()).toBe('statu:');
  expect(queryOf(page)).toBe('sled status:failed');
  await box(page).fill('"the pulse"');
  await expect.poll(() => rows(page).count()).toBe(0);
  await box(page).fill('');
  await count(page, 40);
});

test('suggests fields and values, and goes to a job by its number', async () => {
  const page = await visitor.open('/help');
  await box(page).click();
  await page.keyboard.type('pro');
  await page
    .getByRole('option', { name: /^project:/ })
    .first()
    .waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect.poll(() => box(page).inputValue()).toBe('project:');
  await page.getByRole('option', { name: /3001234/ }).click();
  await expect.poll(() => queryOf(page)).toBe('project:3001234');
  await box(page).fill('1234507');
  await page.getByRole('option', { name: /roof_7\.key/ }).click();
  await page.getByRole('heading', { name: 'roof_7.key' }).waitFor();
});

test('a facet narrows with a click and excludes with alt; the order follows the heads; columns are chosen', async () => {
  const page = await visitor.open('/?obsolete=shown');
  await count(page, 60);
  const facets = page.getByRole('navigation', { name: 'Filter' });
  await facets.getByRole('link', { name: /doea/ }).click({ modifiers: ['Alt'] });
  await count(page, 48);
  expect(queryOf(page)).toBe('-user:doea');
  await facets.getByRole('link', { name: /PAB/ }).click();
  await count(page, 2);
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('link').click();
  await expect
    .poll(() =>
      rows(page)
        .allTextContents()
        .then((all) => all[0]),
    )
    .toContain('roof_1');
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('button', { name: 'Solver' }).click();
  await page.getByRole('columnheader', { name: 'Solver' }).waitFor();
  expect(page.url()).toContain('columns=');
});

test('a view is saved and opened again, and all rows leave as a file that no spreadsheet runs', async () => {
  const page = await visitor.open('/?q=roof&obsolete=shown');
  await count(page, 30);
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('button', { name: 'Save this list as a view' }).click();
  await page.getByLabel('Name').fill('All roofs');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.goto('/diary/');
  await count(page, 40);
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('link', { name: 'All roofs' }).click();
  await count(page, 30);
  const href = await page
    .getByRole('link', { name: 'CSV, for spreadsheets', includeHidden: true })
    .getAttribute('href');
  const headers = { authorization: `Bearer ${diary.key}` };
  const csv = await fetch(diary.url + href, { headers }).then((answer) => answer.text());
  expect(csv.trim().split('\r\n')).toHaveLength(31);
  expect(csv).toContain(`"'=cmd|calc, ""the pulse"" was new"`);
  const lines = await fetch(diary.url + href?.replace('csv', 'jsonl'), { headers }).then((answer) =>
    answer.text(),
  );
  expect(
    lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).name),
  ).toContain('roof_7.key');
});

test('is fit for everybody, with suggestions and a fault open, at every width and in both themes', async () => {
  const page = await visitor.open('/?q=sled');
  await rows(page).first().waitFor();
  expect(await visitor.faultsAnywhere(page, [360, 1280, 1920])).toEqual([]);
  await box(page).fill('sled us');
  await page.getByRole('option').first().waitFor();
  expect(await visitor.faults(page)).toEqual([]);
  await box(page).fill('sled (');
  // While it is being typed, nobody is told that it is not whole.
  await box(page).press('Enter');
  await page.getByText('this parenthesis is not closed').waitFor();
  expect(await visitor.faults(page)).toEqual([]);
});
