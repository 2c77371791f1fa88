import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { fillWithSleds } from './sleds.ts';
import { visitDiary } from './visit.ts';

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
