import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { fillWithSleds } from './sleds.ts';
import { visitDiary } from './visit.ts';
import { post } from './visitor.ts';

const visit = visitDiary(fillWithSleds);

const addressOf = (page: Page) => page.url().slice(visit.diary.url.length);
const heads = (page: Page) => page.getByRole('columnheader').allTextContents();

test('the columns stand in the order of the address; the menu moves them by keyboard and stays open', async () => {
  const page = await visit.visitor.open('/?columns=user,project,status');
  await page.locator('[data-job]').first().waitFor();
  expect((await heads(page)).slice(-3)).toEqual(['User', 'Project', 'Status']);
  const cells = page.locator('[data-job]').first().getByRole('cell');
  await expect.poll(async () => (await cells.allTextContents()).slice(-2)[0]).toMatch(/^(3001234|q000351)$/);

  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('button', { name: 'Put Status one place earlier' }).focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => addressOf(page)).toBe('/diary/?columns=user,status,project');
  await page.keyboard.press('Enter');
  await expect.poll(() => addressOf(page)).toBe('/diary/?columns=status,user,project');
  // It is the first, and nothing happens any more.
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Tags' }).click();
  await expect.poll(() => addressOf(page)).toBe('/diary/?columns=status,user,project,tags');
  expect((await heads(page)).slice(-4)).toEqual(['Status', 'User', 'Project', 'Tags']);
  expect(await visit.visitor.faults(page)).toEqual([]);
  await page.getByRole('button', { name: 'the usual ones' }).click();
  await expect.poll(() => addressOf(page)).toBe('/diary/');
});

test('columns that have no room scroll in the table alone, with lines as wide as their cells', async () => {
  const page = await visit.visitor.open(
    '/?columns=user,project,summary,info,tags,status,kind,solver,configuration,target,submittedAt',
  );
  const row = page.locator('[data-job]').first();
  await row.waitFor();
  expect(await visit.visitor.faultsAnywhere(page, [1920, 1280, 830])).toEqual([]);
  await page.setViewportSize({ width: 1280, height: 900 });
  const right = (selector: string) =>
    page.locator(selector).evaluate((element) => element.getBoundingClientRect().right);
  const lastCell = '[data-job]:first-child > :last-child';
  expect(await right(lastCell)).toBeGreaterThan(1280);
  expect(await right('[data-job]:first-child')).toBeGreaterThanOrEqual(await right(lastCell));
  // The heads go with the rows, and what was cut is shown.
  await page.getByRole('columnheader', { name: 'Submitted' }).getByRole('link').focus();
  await expect.poll(() => right(lastCell)).toBeLessThan(1280);
  const heading = page.getByRole('columnheader', { name: 'Submitted' });
  const ends = () => heading.evaluate((element) => element.getBoundingClientRect().right);
  await expect.poll(async () => Math.abs((await ends()) - (await right(lastCell)))).toBeLessThan(2);
});

test('a tick in the menu means that the column is shown; a narrow window says what it has no room for', async () => {
  const page = await visit.visitor.open('/');
  await page.locator('[data-job]').first().waitFor();
  await page.getByRole('button', { name: 'Columns' }).click();
  const note = page.getByRole('button', { name: 'Note', exact: true });
  expect(await note.getAttribute('aria-pressed')).toBe('false');
  await note.click();
  await page.getByRole('columnheader', { name: 'Note' }).waitFor();
  expect(await visit.visitor.faultsAnywhere(page, [1280, 830])).toEqual([]);
  await page.goto('/diary/?columns=status,kind,solver');
  await page.setViewportSize({ width: 360, height: 800 });
  await page.getByText('No room in this window for Kind, Solver').waitFor();
  expect(await visit.visitor.faultsAnywhere(page, [360])).toEqual([]);
});

test('orders say what they sort by: when a job was added, or submitted; the ids that one sees are no order', async () => {
  await post(visit.diary, '/jobs', {
    name: 'yore.key',
    externalId: '7',
    submittedAt: '2020-01-01T08:00:00Z',
  });
  const page = await visit.visitor.open('/?columns=createdAt,submittedAt');
  const first = page.locator('[data-job]').first();
  await first.getByText('yore.key').waitFor();
  expect(await page.getByRole('columnheader', { name: 'Id' }).getByRole('link').count()).toBe(0);
  const added = page.getByRole('columnheader', { name: 'Added' });
  expect(await added.getAttribute('aria-sort')).toBe('descending');
  await page.getByRole('button', { name: 'Sort by: last added' }).click();
  await page.getByRole('button', { name: 'newest submitted' }).click();
  await expect.poll(() => addressOf(page)).toContain('sort=-submittedAt');
  await first.getByText('sled_').waitFor();
  await added.getByRole('link').click();
  await first.getByText('yore.key').waitFor();
});
