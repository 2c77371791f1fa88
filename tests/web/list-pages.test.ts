import type { Job } from '@daybook/core';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { fillWithSleds } from './sleds.ts';
import { visitDiary } from './visit.ts';
import { post, Visitor } from './visitor.ts';

const visit = visitDiary(fillWithSleds);

const rows = (page: Page) => page.locator('[data-job]');
const addressOf = (page: Page) => page.url().slice(visit.diary.url.length);
const rowOf = (page: Page, job: Pick<Job, 'id'>) => page.locator(`[data-job="${job.id}"]`);

async function streamClients(): Promise<number> {
  const response = await fetch(`${visit.diary.url}/metrics`, {
    headers: { authorization: `Bearer ${visit.diary.key}` },
  });
  return Number(/^daybook_stream_clients (\d+)$/m.exec(await response.text())?.[1]);
}

test('announces new jobs, lets them in when asked, and follows them in two tabs over one stream', async () => {
  const first = await visit.visitor.open('/');
  await rows(first).first().waitFor();
  const second = await visit.visitor.open('/');
  await rows(second).first().waitFor();
  await expect.poll(streamClients).toBe(1);

  const job = await post<Job>(visit.diary, '/jobs', {
    name: 'live.key',
    configuration: 'crash',
    status: 'running',
  });
  for (const page of [first, second]) {
    await page.getByRole('button', { name: 'Show 1 new job' }).click();
    await rowOf(page, job).waitFor();
  }
  await post(visit.diary, `/jobs/${job.id}/events`, { kind: 'step', step: 'mesh', status: 'succeeded' });
  await post(visit.diary, `/jobs/${job.id}/events`, { kind: 'step', step: 'solve', percent: 50 });
  for (const page of [first, second]) await rowOf(page, job).getByText('55 %').waitFor();
  await post(visit.diary, `/jobs/${job.id}/events`, { kind: 'status', status: 'succeeded' });
  for (const page of [first, second]) await rowOf(page, job).getByText('succeeded').waitFor();
  expect(await streamClients()).toBe(1);
});

test('announces a job, too, that came after the list and before the stream was open', async () => {
  const page = await visit.visitor.context.newPage();
  // Without shared workers the page opens the stream by itself, where it can be held back.
  await page.addInitScript('delete globalThis.SharedWorker');
  const stream = Promise.withResolvers<void>();
  await page.route('**/api/v1/stream*', (route) => stream.promise.then(() => route.continue()));
  await page.goto('/diary/');
  await rows(page).first().waitFor();
  const job = await post<Job>(visit.diary, '/jobs', { name: 'between.key', configuration: 'crash' });
  stream.resolve();
  await page.getByRole('button', { name: 'Show 1 new job' }).click();
  await rowOf(page, job).waitFor();
  await page.close();
});

test('keeps its filters in the address; back and forward undo them', async () => {
  const page = await visit.visitor.open('/');
  await rows(page).first().waitFor();
  const filters = page.getByRole('navigation', { name: 'Filters' });
  await filters.getByRole('link', { name: /^failed/ }).click();
  await expect.poll(() => addressOf(page)).toBe('/diary/?status=failed');
  await page.getByText('30 jobs').waitFor();
  await filters.getByRole('link', { name: /^3001234/ }).click();
  await expect.poll(() => addressOf(page)).toBe('/diary/?status=failed&project=3001234');
  await filters.getByRole('link', { name: /^succeeded/ }).click({ modifiers: ['Shift'] });
  await expect.poll(() => addressOf(page)).toBe('/diary/?status=failed,succeeded&project=3001234');
  await page.goBack();
  await page.goBack();
  await expect.poll(() => addressOf(page)).toBe('/diary/?status=failed');
  await page.getByText('30 jobs').waitFor();
  await page.goForward();
  await expect.poll(() => addressOf(page)).toBe('/diary/?status=failed&project=3001234');
  await page.reload();
  await page.getByRole('link', { name: /Remove the filter Project/ }).waitFor();
});

test('drops filter values that cannot be from the address, and says so in a line', async () => {
  const page = await visit.visitor.open('/?status=bogus&project=3001234');
  await page.getByText('there is no such value: Status bogus').waitFor();
  await page.getByText('60 jobs').waitFor();
  expect(addressOf(page)).toBe('/diary/?project=3001234');
  const filters = page.getByRole('navigation', { name: 'Filters' });
  expect(await filters.getByText('bogus').count()).toBe(0);
  await filters.getByRole('link', { name: /^failed/ }).click();
  await page.getByText('no such value').waitFor({ state: 'detached' });
});

test('tells where a search cannot be read, and not before it is whole', async () => {
  const page = await visit.visitor.open('/?q=(sled');
  await page.getByRole('alert').getByText('Column 1: this parenthesis is not closed.').waitFor();
  const box = page.getByRole('combobox', { name: 'Search the jobs' });
  await box.fill('status:');
  await page.getByRole('option', { name: /^failed/ }).waitFor();
  expect(await box.getAttribute('aria-invalid')).toBe('false');
  await box.press('Enter');
  await page.getByRole('search').getByText('Column 1: what of status?').waitFor();
});

test('counts and exports nothing for a search that cannot be read', async () => {
  const page = await visit.visitor.open('/?q=status:fail');
  await page.getByRole('alert').getByText('Column 8: status cannot be fail').waitFor();
  const filters = page.getByRole('navigation', { name: 'Filters' });
  await filters.getByText('doea').waitFor();
  expect(await filters.textContent()).not.toMatch(/\d$|failed\d/);
  expect(await page.getByRole('button', { name: 'Export' }).count()).toBe(0);
});

test('marks rows as those of the last search as long as what is typed cannot be read', async () => {
  const page = await visit.visitor.open('/?q=status:failed');
  await page.getByText('30 jobs').waitFor();
  const box = page.getByRole('combobox', { name: 'Search the jobs' });
  const notice = page.getByText('These are the jobs of the last search. Column 8: status cannot be fai:');
  await box.fill('status:fai');
  await notice.waitFor();
  expect(
    await rows(page)
      .first()
      .evaluate((row) => Number(getComputedStyle(row).opacity)),
  ).toBeLessThan(1);
  await page.getByRole('button', { name: 'Back to it' }).click();
  await notice.waitFor({ state: 'detached' });
  expect(await box.inputValue()).toBe('status:failed');
  // An empty list is the answer to the query before, not to what stands there now.
  await box.fill('user:nobody');
  await page.getByText('No job matches').waitFor();
  await box.fill('(sled');
  await page.getByRole('alert').getByText('Column 1: this parenthesis is not closed.').waitFor();
  expect(await page.getByText('No job matches').count()).toBe(0);
});

test('opens the filters below their button on a small screen, and leads back to the list', async () => {
  const page = await visit.visitor.open('/');
  await page.setViewportSize({ width: 360, height: 640 });
  await page.getByRole('link', { name: /wait for a verdict/ }).waitFor();
  const button = page.getByRole('button', { name: 'Filters' });
  const before = await button.boundingBox();
  await button.click();
  const filters = page.getByRole('navigation', { name: 'Filters' });
  await filters.waitFor();
  expect(await button.boundingBox()).toEqual(before);
  expect((await filters.boundingBox())?.y).toBeGreaterThan(before?.y ?? 0);
  await filters.getByRole('link', { name: /^failed/ }).click();
  const back = page.getByRole('button', { name: 'Show 30 jobs' });
  await back.waitFor();
  expect(((await back.boundingBox())?.y ?? 999) + 40).toBeLessThanOrEqual(640);
  expect(await visit.visitor.faults(page)).toEqual([]);
  await back.click();
  await rows(page).first().waitFor();
  await rows(page).first().getByRole('checkbox').check();
  const bar = page.getByRole('region', { name: 'Selected jobs' });
  const [cross, said] = await Promise.all([
    bar.getByRole('button', { name: 'clear the selection' }).boundingBox(),
    bar.getByText('1 job selected').boundingBox(),
  ]);
  expect(Math.abs((cross?.y ?? 0) - (said?.y ?? 99))).toBeLessThan(16);
});

test('finds a value by its German word, and writes the one of the query', async () => {
  const person = await Visitor.arrive(visit.browser, visit.diary, { locale: 'de-AT' });
  await person.signIn();
  const page = await person.open('/');
  const box = page.getByRole('combobox', { name: 'Jobs durchsuchen' });
  await box.fill('fehlg');
  await page.getByRole('option', { name: 'status:failed fehlgeschlagen · 30' }).click();
  expect(await box.inputValue()).toBe('status:failed ');
  await page.getByText('30 Jobs').waitFor();
  await box.fill('status:wart');
  await page.getByRole('option', { name: /^queued wartet/ }).waitFor();
  await person.context.close();
});

test('loads more while one scrolls, and keeps the place on the way back', async () => {
  const page = await visit.visitor.open('/?sort=id');
  await rows(page).first().waitFor();
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  const far = page.getByRole('link', { name: 'sled_110.key' });
  await far.scrollIntoViewIfNeeded();
  await far.click();
  await page.getByRole('heading', { name: 'sled_110.key' }).waitFor();
  await page.goBack();
  await far.waitFor();
  expect(await page.evaluate(() => scrollY)).toBeGreaterThan(1_000);
});

test('goes by keys', async () => {
  const page = await visit.visitor.open('/?kind=import&sort=id');
  await rows(page).first().waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'sled_003.key' }).waitFor();
  await page.keyboard.press('j');
  await page.getByRole('heading', { name: 'sled_006.key' }).waitFor();
  await page.keyboard.press('b');
  await expect.poll(() => addressOf(page)).toBe('/diary/?kind=import&sort=id');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys of this page' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await page.keyboard.type('doea');
  await page.getByRole('option', { name: /user:doea/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe('user:doea');
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await page.getByRole('heading', { name: 'Configurations' }).waitFor();
});

test('shows cards side by side, as many as there is room for; a view keeps that, and can be changed', async () => {
  const page = await visit.visitor.open('/?kind=import');
  await rows(page).first().waitFor();
  expect(await page.getByRole('link', { name: 'Table' }).getAttribute('aria-current')).not.toBeNull();
  await page.getByRole('link', { name: 'Cards' }).click();
  await expect.poll(() => addressOf(page)).toBe('/diary/?kind=import&look=cards');
  const lefts = async () => {
    const boxes = await rows(page).evaluateAll((all) => all.map((each) => each.getBoundingClientRect().left));
    return new Set(boxes).size;
  };
  await expect.poll(lefts).toBe(3);
  expect(await visit.visitor.faultsAnywhere(page, [1920, 1280])).toEqual([]);
  await page.setViewportSize({ width: 1920, height: 900 });
  await expect.poll(lefts).toBe(5);
  // All of them can be scrolled to, and keys go from one to the next.
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.getByRole('link', { name: 'sled_000.key' }).waitFor();
  await page.keyboard.press('j');
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('sled_117.key');
  await page.setViewportSize({ width: 1280, height: 900 });

  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('button', { name: 'Save this list as a view' }).click();
  await page.getByLabel('Name').fill('Imprts');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.goto('/diary/?status=failed');
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('button', { name: 'Change the view Imprts' }).click();
  await page.getByLabel('Name').fill('Failed imports');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('link', { name: 'Failed imports' }).click();
  await expect.poll(() => addressOf(page)).toBe('/diary/?kind=import&look=cards');
});

test('says a verdict from the row, and takes it back; the palette knows every key by its name', async () => {
  const page = await visit.visitor.open('/?kind=import&sort=id');
  await rows(page).first().waitFor();
  const verdictOf = async () => {
    const { analysisStatus, assessment } = await visit.diary.get<Job>('/jobs/1');
    return [analysisStatus, assessment];
  };
  await page.keyboard.press('j');
  await page.keyboard.press('e');
  await page.keyboard.press('n');
  await rowOf(page, { id: 1 }).getByText('not ok').waitFor();
  expect(await verdictOf()).toEqual(['done', 'not_ok']);
  await page.getByText('Job 1: not ok').waitFor();
  await page.keyboard.press('e');
  await page.keyboard.press('u');
  await page.getByText('taken back').waitFor();
  expect(await verdictOf()).toEqual(['open', null]);

  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: /command/ }).fill('verdict take');
  expect(await visit.visitor.faults(page)).toEqual([]);
  await page.keyboard.press('ArrowUp');
  await page.getByRole('option', { name: 'search for verdict take', selected: true }).waitFor();
  await page.getByRole('combobox', { name: /command/ }).fill('helP go');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Help' }).waitFor();
  await page.getByRole('link', { name: 'status:failed,canceled' }).first().click();
  await page.getByText('30 jobs').waitFor();
});

test('a card has each text folded to a line that opens over the others, and user and project as filters', async () => {
  const summary = `The sill tears at 38 ms.\n${'It did so in the base run, too. '.repeat(20)}`;
  const job = await post<Job>(visit.diary, '/jobs', {
    name: 'front_rail_thicker_variant_031.key',
    project: '3009999',
    user: 'doec',
    status: 'failed',
    info: 'Thicker sill',
    summary,
    tags: ['full-vehicle', 'odb-64', 'sill'],
  });
  const page = await visit.visitor.open('/?look=cards&tag=sill');
  const card = rowOf(page, job);
  await card.getByRole('button', { name: 'Info Thicker sill' }).waitFor();
  const isCut = () =>
    card.getByRole('link', { name: job.name }).evaluate((it) => it.scrollWidth > it.clientWidth);
  expect(await isCut()).toBe(false);
  const folded = (await card.boundingBox())?.height ?? 0;
  await card.getByRole('button', { name: 'Summary The sill' }).click();
  await card.getByText('It did so in the base run').waitFor();
  await expect.poll(async () => (await card.boundingBox())?.height).toBeGreaterThan(folded + 60);
  await card.getByRole('link', { name: 'all of it' }).waitFor();
  expect(await visit.visitor.faultsAnywhere(page, [1280, 360])).toEqual([]);
  await card.getByRole('button', { name: 'Summary' }).click();
  expect((await card.boundingBox())?.height).toBe(folded);
  await card.getByRole('link', { name: '3009999' }).click();
  await expect.poll(() => addressOf(page)).toBe('/diary/?look=cards&tag=sill&project=3009999');
  await card.getByRole('link', { name: 'doec' }).click();
  await expect.poll(() => addressOf(page)).toBe('/diary/?look=cards&tag=sill&project=3009999&user=doec');
});
