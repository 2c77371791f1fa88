import type { Job } from '@daybook/core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../bed/browser.ts';
import { Diary } from '../cli/diary.ts';
import { post, Visitor } from '../web/visitor.ts';

/* People judge jobs, in the real browser. */

let diary: Diary;
let browser: Browser;
let visitor: Visitor;

beforeAll(async () => {
  [diary, browser] = await Promise.all([Diary.open(), launchBrowser()]);
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

const create = async (...jobs: object[]) => {
  const { items } = await post<{ items: Job[] }>(diary, '/jobs', {
    jobs: jobs.map((job) => ({ name: 'run.key', status: 'succeeded', ...job })),
  });
  return items;
};
const stored = (job: Job) => diary.get<Job>(`/jobs/${job.id}`);
const one = async (job: object = {}) => (await create(job))[0] as Job;
const save = (page: Page) => page.getByRole('button', { name: 'Save', exact: true });

/** A dot, as somebody pastes it from the clipboard. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

describe('the verdict of a job', () => {
  test('is filled in, with base runs found by search, and its history tells who said what', async () => {
    const [base, job] = (await create(
      {
        name: 'base_sled.key',
        externalId: '7001',
        user: 'doea',
        project: '3001234',
        parameters: { vent: 50 },
      },
      { name: 'next_sled.key', parameters: { vent: 52.5 } },
    )) as [Job, Job];
    const page = await visitor.open(`/jobs/${job.id}`);
    await page.getByLabel('Analysis status').selectOption('done');
    await page.getByLabel('Assessment').selectOption('ok');
    await page.getByLabel('Summary').fill('**HIC** fell\nby 4 %');
    const finder = page.getByRole('combobox', { name: 'Number or name of the base run' });
    await finder.fill('base_s');
    // Many are called the same: when it was, whose, and what was said of it tell them apart.
    await page.getByRole('option', { name: /7001 base_sled.key .*doea ?3001234 ?open/ }).waitFor();
    await finder.press('Enter');
    await save(page).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(await stored(job)).toMatchObject({
      analysisStatus: 'done',
      assessment: 'ok',
      summary: '**HIC** fell\nby 4 %',
      baseRuns: [{ id: base.id }],
    });
    await page.getByRole('button', { name: 'Preview' }).first().click();
    await page.locator('strong', { hasText: 'HIC' }).waitFor();
    await page.getByRole('tab', { name: 'History' }).click();
    await page.getByRole('tabpanel').getByText('admin', { exact: true }).waitFor();
    await page.getByText(/Assessment none → ok/).waitFor();
    await page.getByRole('tab', { name: 'Lineage' }).click();
    await page.getByRole('heading', { name: `From 7001 to #${job.id}` }).waitFor();
    await page.getByText('vent 50 → 52.5').first().waitFor();
  });

  test('survives the network: what is typed while it is away is saved when it is back', async () => {
    const job = await one();
    const page = await visitor.open(`/jobs/${job.id}`);
    await page.getByLabel('Summary').waitFor();
    await visitor.context.setOffline(true);
    await page.getByLabel('Summary').fill('typed in a tunnel');
    await save(page).click();
    const away = page.getByText('Daybook cannot be reached');
    await away.waitFor();
    expect(await page.getByLabel('Summary').inputValue()).toBe('typed in a tunnel');
    await page.getByRole('button', { name: 'Try again' }).click();
    await away.waitFor();
    await visitor.context.setOffline(false);
    await away.waitFor({ state: 'detached' });
    await page.reload();
    expect(await page.getByLabel('Summary').inputValue()).toBe('typed in a tunnel');
    await save(page).click();
    await expect.poll(async () => (await stored(job)).summary).toBe('typed in a tunnel');
    // The browser itself reports what it could not reach.
    visitor.complaints.splice(0);
  });

  test('keeps what is typed while a save is on its way, and tags of several words', async () => {
    const job = await one({ tags: ['two words', 'pab'] });
    const page = await visitor.open(`/jobs/${job.id}`);
    const field = page.getByLabel('Summary');
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    await page.route(`**/api/v1/jobs/${job.id}`, async (route) => {
      if (route.request().method() === 'PATCH') await answered;
      await route.continue();
    });
    // Whoever only walks through the field of the tags changes none.
    await page.getByLabel('Tags').focus();
    await field.fill('first');
    await save(page).click();
    await field.fill('first and second');
    answer();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(await field.inputValue()).toBe('first and second');
    await page.reload();
    await save(page).click();
    await expect.poll(async () => (await stored(job)).summary).toBe('first and second');
    expect((await stored(job)).tags.toSorted()).toEqual(['pab', 'two words']);
  });

  test('leaves its fields by Esc, for the keys of the page', async () => {
    const job = await one();
    const page = await visitor.open(`/jobs/${job.id}`);
    for (const label of ['Summary', 'Info', 'Tags', 'Analysis status']) {
      const field = page.getByLabel(label);
      await field.focus();
      await field.press('Escape');
      expect(await field.evaluate((each) => each === document.activeElement)).toBe(false);
    }
    await page.getByLabel('Summary').focus();
    await page.keyboard.type('typed');
    await page.keyboard.press('Escape');
    await page.keyboard.press('2');
    await page.getByRole('tab', { name: 'Log', selected: true }).waitFor();
    expect(await page.getByLabel('Summary').inputValue()).toBe('typed');
    await page.getByRole('button', { name: 'Undo' }).click();
  });

  test('is missed when it was not saved: on leaving, and in the list', async () => {
    const job = await one({ externalId: '7002' });
    const page = await visitor.open(`/jobs/${job.id}`);
    await page.getByLabel('Summary').fill('half a thought');
    await page.getByRole('link', { name: 'Dashboard' }).click();
    await page.getByText('Your changes of job 7002 are not saved yet').waitFor();
    await page.getByRole('link', { name: 'Back to it' }).click();
    expect(await page.getByLabel('Summary').inputValue()).toBe('half a thought');
    expect(await page.getByText('are not saved yet').count()).toBe(0);
    const list = await visitor.open('/');
    const greeting = list.getByText('Not saved yet: your changes of');
    await greeting.getByRole('link', { name: '7002' }).click();
    await list.getByRole('button', { name: 'Save', exact: true }).click();
    await list.getByText('Saved', { exact: true }).waitFor();
    await list.goto('/diary/');
    await list.locator('[data-job]').first().waitFor();
    await list
      .getByRole('link', { name: 'waits for a verdict' })
      .or(list.getByText('wait for a verdict'))
      .first()
      .waitFor();
    expect(await greeting.count()).toBe(0);
  });

  test('asks before it is lost with the page, where the browser keeps nothing', async () => {
    const job = await one();
    const page = await visitor.open(`/jobs/${job.id}`);
    await page.getByLabel('Summary').waitFor();
    await page.evaluate(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
    });
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    await page.getByLabel('Summary').fill('nowhere else');
    await page.close({ runBeforeUnload: true });
    await expect.poll(() => asked).toEqual(['beforeunload']);
    // It is at hand on the other pages, as always.
    await page.getByRole('link', { name: 'Dashboard' }).click();
    await page.getByRole('link', { name: 'Back to it' }).click();
    expect(await page.getByLabel('Summary').inputValue()).toBe('nowhere else');
    await page.getByRole('button', { name: 'Undo' }).click();
  });

  test('shows images that are pasted into it, and none of other sites', async () => {
    const job = await one();
    const page = await visitor.open(`/jobs/${job.id}`);
    const field = page.getByLabel('Summary');
    await field.fill('before\n![](http://elsewhere.example/spy.png)\n');
    await field.evaluate(async (element, content) => {
      const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], 'plot.png', { type: 'image/png' }));
      element.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }),
      );
    }, PNG);
    await expect.poll(() => field.inputValue()).toContain(`![plot.png](/api/v1/jobs/${job.id}/images/`);
    await page.getByRole('button', { name: 'Preview' }).first().click();
    const image = page.getByRole('img', { name: 'plot.png' });
    await expect.poll(() => image.evaluate((each: HTMLImageElement) => each.naturalWidth)).toBe(1);
    expect(await page.locator('img').count()).toBe(1);
    await save(page).click();
    await expect.poll(async () => (await stored(job)).summary).toContain('plot.png');
  });

  test('says that an obsolete job is hidden, before and after', async () => {
    const job = await one();
    const page = await visitor.open(`/jobs/${job.id}`);
    await page.getByLabel('Assessment').selectOption('obsolete');
    await page.getByText('hidden from the list').waitFor();
    await save(page).click();
    await page.getByText('Somebody called this job obsolete').waitFor();
  });
});

describe('many jobs', () => {
  test('500 are judged at once and undone', async () => {
    const jobs = await create(...Array.from({ length: 500 }, () => ({ project: 'bulk', tags: ['study'] })));
    const page = await visitor.open('/?project=bulk');
    await page.getByRole('checkbox').nth(1).waitFor();
    await page.locator('[data-job]').first().getByRole('checkbox').check();
    await page.getByRole('button', { name: /Select all|500/ }).click();
    await page.keyboard.press('e');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Analysis status').selectOption('done');
    await dialog.getByLabel('Assessment').selectOption('ok');
    await dialog.getByText('500 jobs will change.').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog', { name: '500 jobs changed' }).waitFor();
    expect((await stored(jobs[499] as Job)).assessment).toBe('ok');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('500 jobs are as they were').waitFor();
    expect(await stored(jobs[0] as Job)).toMatchObject({ analysisStatus: 'open', assessment: null });
  });

  test('leave the list and its counts when they become obsolete, and come back into both by the undo', async () => {
    const jobs = await create(...Array.from({ length: 5 }, () => ({ project: 'stale', user: 'admin' })));
    const page = await visitor.open('/?project=stale');
    await page.getByText('5 jobs', { exact: true }).waitFor();
    await page.locator('[data-job]').first().getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Select all 5 that match' }).click();
    await page.getByRole('button', { name: /^Verdict/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Assessment').selectOption('obsolete');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog', { name: '5 jobs changed' }).waitFor();
    await page.getByText('no jobs', { exact: true }).waitFor();
    expect(await page.getByText('All 0 jobs that match').count()).toBe(0);
    await dialog.getByRole('button', { name: 'Undo' }).click();
    // While the dialog is still open.
    await page.getByText('5 jobs are as they were').waitFor();
    await page.getByText('5 jobs', { exact: true }).waitFor();
    await expect.poll(() => page.locator('nav a', { hasText: 'stale' }).textContent()).toBe('stale5');
    expect(await page.locator('[data-job]').count()).toBe(5);
    // Out of the inbox of the tests below.
    for (const { version, id } of await Promise.all(jobs.map(stored)))
      await post(diary, `/jobs/${id}`, { version, analysisStatus: 'done' }, 'PATCH');
  });
});

describe('the inbox', () => {
  test('is walked by keys alone: judge, comment, skip, undo', async () => {
    const ended = (n: number) => ({
      user: 'admin',
      endedAt: new Date(Date.now() - n * 60_000).toISOString(),
    });
    const jobs = (await create(...[1, 2, 3, 4].map((n) => ({ name: `inbox_${n}.key`, ...ended(n) })))) as [
      Job,
      Job,
      Job,
      Job,
    ];
    const page = await visitor.open('/');
    await page.locator('[data-job]').first().waitFor();
    const press = (...keys: string[]) =>
      keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
    const shows = (n: number) => page.getByRole('heading', { level: 2, name: `inbox_${n}.key` }).waitFor();
    await press('g', 'i');
    await shows(1);
    await page.getByText('0 of 4 judged').waitFor();
    await press('o');
    await shows(2);
    await press('c');
    await page.keyboard.type('knee bolster tears');
    await press('Escape', 'n');
    await shows(3);
    await press('s');
    await shows(4);
    await press('c');
    await page.keyboard.type('too early to say');
    await press('Escape', 'i');
    await page.getByText('That was all').waitFor();
    await press('u');
    await shows(4);
    // All of it is taken back, and what was typed is still there.
    expect(await stored(jobs[3])).toMatchObject({ analysisStatus: 'open', assessment: null, summary: '' });
    expect(await page.locator('[data-comment]').inputValue()).toBe('too early to say');
    await press('x');
    await page.getByText('3 of 4 judged').waitFor();
    const said = await Promise.all(jobs.map(async (job) => (await stored(job)).assessment));
    expect(said).toEqual(['ok', 'not_ok', null, 'obsolete']);
    expect((await stored(jobs[1])).summary).toBe('knee bolster tears');
  });

  test('goes on after a look at a job, with what was judged and skipped', async () => {
    const ended = (n: number) => ({
      name: `walk_${n}.key`,
      user: 'admin',
      endedAt: new Date(Date.now() - n * 1_000).toISOString(),
    });
    const jobs = (await create(...[1, 2, 3].map(ended))) as [Job, Job, Job];
    const page = await visitor.open('/inbox');
    const shows = (n: number) => page.getByRole('heading', { level: 2, name: `walk_${n}.key` }).waitFor();
    await shows(1);
    const progress = await page.getByText(/of \d+ judged/).textContent();
    const total = Number(/of (\d+)/.exec(progress ?? '')?.[1]);
    await page.keyboard.press('o');
    await shows(2);
    await page.keyboard.press('s');
    await shows(3);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'walk_3.key' }).waitFor();
    const [late] = (await create(ended(0))) as [Job];
    await page.goBack();
    await shows(3);
    // Whatever has ended meanwhile comes at the end of the pile.
    await page.getByText(`1 of ${total + 1} judged · 1 was skipped`).waitFor();
    await page.keyboard.press('u');
    await shows(1);
    expect(await stored(jobs[0])).toMatchObject({ analysisStatus: 'open', assessment: null });
    await post(diary, '/jobs/bulk-edit', {
      ids: [...jobs, late].map(({ id }) => id),
      changes: { analysisStatus: 'done' },
    });
  });

  test('does not judge over what somebody else has said meanwhile', async () => {
    const job = await one({ user: 'admin', name: 'raced.key', endedAt: new Date().toISOString() });
    const page = await visitor.open('/inbox');
    await page.getByRole('heading', { level: 2, name: 'raced.key' }).waitFor();
    // Somebody else is faster by the blink of an eye: the stream has not told of it yet.
    await page.route(`**/api/v1/jobs/${job.id}`, async (route) => {
      if (route.request().method() === 'PATCH')
        await post(diary, `/jobs/${job.id}`, { version: 1, assessment: 'issue' }, 'PATCH');
      await route.continue();
    });
    await page.keyboard.press('o');
    await page.getByText('Somebody has said something about job').waitFor();
    expect(await stored(job)).toMatchObject({ assessment: 'issue', version: 2 });
  });
});
