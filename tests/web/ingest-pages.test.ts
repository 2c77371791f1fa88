import { randomBytes } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../bed/browser.ts';
import { Diary } from '../cli/diary.ts';
import { Visitor } from './visitor.ts';

let diary: Diary;
let browser: Browser;
let admin: Visitor;

beforeAll(async () => {
  [diary, browser] = await Promise.all([Diary.open(), launchBrowser()]);
  admin = await Visitor.arrive(browser, diary);
  await admin.signIn();
});
afterAll(async () => {
  await browser?.close();
  await diary?.close();
});

const files = [
  { name: 'readme.txt', mimeType: 'text/plain', buffer: Buffer.from('a line of text\n') },
  { name: 'noise.bin', mimeType: 'application/octet-stream', buffer: randomBytes(3_000_000) },
  { name: 'größe.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n1,2\n') },
  { name: 'photo\u202egpj.exe', mimeType: 'application/octet-stream', buffer: Buffer.from('MZ') },
];

test('somebody sends files, follows them into the archive, and looks at them there', async () => {
  const page = await admin.open('/ingest');
  await page.getByText('The archive is empty').waitFor();
  expect(await admin.faults(page)).toEqual([]);
  const nothing = await page.evaluateHandle(() => new DataTransfer());
  await page.getByText('Drop files or a folder here').dispatchEvent('drop', { dataTransfer: nothing });
  await page.getByText('There is no file in what you dropped').waitFor();
  await page.locator('input[type=file]').first().setInputFiles(files);
  // Chosen again it is still one file.
  await page.locator('input[type=file]').first().setInputFiles(files.slice(0, 1));
  await page.getByText('4 files').waitFor();
  await page.getByLabel('What it is called (optional)').fill('first run');
  await page.getByLabel('Project').fill('1234a');
  await page.getByLabel('Instrument').fill('54');
  expect(await admin.faults(page)).toEqual([]);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('It is in the archive').waitFor();
  expect(await page.getByRole('progressbar', { name: 'Received' }).getAttribute('value')).toBe('100');
  expect(await admin.faults(page)).toEqual([]);

  await page.getByRole('link', { name: 'Bundle 1' }).first().click();
  const folder = page.getByRole('treeitem', { name: 'data', exact: true });
  await folder.click();
  await page.getByRole('treeitem', { name: 'readme.txt' }).click();
  await page.getByText('a line of text').waitFor();
  expect(await admin.faults(page)).toEqual([]);
  // By keyboard alone, from where the tree is: the file above, whose name does not deceive.
  await page.getByRole('tree').press('ArrowUp');
  await page.getByRole('tree').press('Enter');
  await page.getByRole('heading', { name: 'photo\\u202egpj.exe' }).waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Receipt' }).click();
  expect((await download).suggestedFilename()).toContain('receipt');

  await page.getByRole('button', { name: 'Read it anew now' }).click();
  await page.getByRole('cell', { name: 'as it came', exact: true }).waitFor();
  expect(admin.complaints.splice(0)).toEqual([]);
  await page.close();
});

test('what failed is not on its way in', async () => {
  const authorization = `Bearer ${diary.key}`;
  await fetch(`${diary.url}/ingest`, { method: 'POST', headers: { authorization }, body: 'this is no tar' });
  const page = await admin.open('/ingest');
  await page
    .getByRole('region', { name: 'Failed lately' })
    .getByText('the tar is refused', { exact: false })
    .waitFor();
  expect(await page.getByRole('heading', { name: 'On their way in' }).count()).toBe(0);
  expect(await admin.faults(page)).toEqual([]);
  await page.close();
});

test.each([
  ['on a phone', { viewport: { width: 360, height: 740 } }],
  ['in the dark', { colorScheme: 'dark' }],
] as const)('%s', async (_where, options) => {
  const visitor = await Visitor.arrive(browser, diary, options);
  await visitor.signIn();
  for (const path of ['/ingest', '/bundles/1']) {
    const page = await visitor.open(path);
    await page
      .getByText(path === '/ingest' ? '1234a' : 'How it has kept')
      .first()
      .waitFor();
    expect(await visitor.faults(page)).toEqual([]);
    const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(width).toBeLessThanOrEqual(0);
    await page.close();
  }
  expect(visitor.complaints).toEqual([]);
});
