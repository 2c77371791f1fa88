import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job, JobSource } from '@daybook/core';
import { JobTracker } from '@daybook/sdk/tickets';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../bed/browser.ts';
import { Diary } from '../cli/diary.ts';
import { post, Visitor } from '../web/visitor.ts';

const directory = mkdtempSync(join(tmpdir(), 'daybook-tickets-'));
const tracker = new JobTracker(directory);
let diary: Diary;
let browser: Browser;
let visitor: Visitor;
let ticket: string;

beforeAll(async () => {
  ticket = (await tracker.initTrackerFile('create_asset', { space: 'photos' })).job_ticket_id;
  await tracker.setJobStatus('failed', ticket);
  const broken = join(directory, 'broken.json');
  writeFileSync(broken, '{"job_ticket_id": "bro');
  utimesSync(broken, 1_700_000_000, 1_700_000_000);
  [diary, browser] = await Promise.all([Diary.open(), launchBrowser()]);
  visitor = await Visitor.arrive(browser, diary);
  await visitor.signIn();
});
afterAll(async () => {
  await browser?.close();
  await diary?.close();
  rmSync(directory, { recursive: true, force: true });
});
afterEach(() => expect(visitor.complaints.splice(0)).toEqual([]));

test('a source is added and tested in a form of its kind; its card tells of looks, jobs and problems by file', async () => {
  const page = await visitor.open('/sources');
  await page.getByText('daybook source add').waitFor();
  await page.getByRole('button', { name: 'Add a source' }).click();
  const form = page.getByRole('dialog');
  await form.getByLabel('Name').fill('pipeline');
  await form.getByLabel('Directory').fill(directory);
  await form.getByLabel('Interval').fill('1s');
  await form.getByRole('button', { name: 'Test' }).click();
  await form.getByText('Tickets can be read: 1').waitFor();
  await form.getByRole('button', { name: 'Save' }).click();
  const card = page.getByRole('region', { name: 'Source pipeline' });
  await card.getByText('fine').waitFor();
  await card.getByRole('cell', { name: 'broken.json' }).waitFor();
  await card.getByText('is no ticket').first().waitFor();
  expect(await visitor.faultsAnywhere(page, [360, 1280, 1920])).toEqual([]);
  await page.close();
});

test('the page of a job shows its file, and edits in both directions, conflicts as well', async () => {
  const { items } = await diary.get<{ items: Job[] }>(`/jobs?externalId=${ticket}`);
  const id = items[0]?.id as number;
  const page = await visitor.open(`/jobs/${id}?tab=source`);
  await page.getByText(join(directory, `${ticket}.json`)).waitFor();
  await page.getByText('"space": "photos"').waitFor();
  await page.getByRole('textbox', { name: 'Property' }).fill('reviewed');
  await page.getByRole('textbox', { name: 'Value' }).fill('true');
  await page.getByRole('button', { name: 'Save' }).last().click();
  await page.getByText('"reviewed": true').waitFor();
  expect(JSON.parse(readFileSync(join(directory, `${ticket}.json`), 'utf8')).context.reviewed).toBe(true);

  const [source] = (await diary.get<{ items: { id: number; version: number }[] }>('/sources')).items;
  const pause = (enabled: boolean, version: number) =>
    post<{ version: number }>(diary, `/sources/${source?.id}`, { enabled, version }, 'PATCH');
  const { version } = await pause(false, source?.version as number);
  await post(diary, `/jobs/${id}/retry`, {});
  await tracker.setJobStatus('running', ticket);
  await pause(true, version);
  await page.getByText('conflict: not written').waitFor();
  await page.getByText('job_status = "running"').waitFor();
  expect(await visitor.faultsAnywhere(page, [360, 1280])).toEqual([]);
  await page.getByRole('button', { name: 'Put aside' }).click();
  await page.locator('li[data-state="dismissed"]').waitFor();
  const { edits } = await diary.get<JobSource>(`/jobs/${id}/source`);
  expect(edits.map(({ state }) => state)).toEqual(['dismissed', 'written']);
  await page.close();
});
