import type { Job } from '@daybook/core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../bed/browser.ts';
import { Diary } from '../cli/diary.ts';
import { post, Visitor } from '../web/visitor.ts';

/* People judge jobs and look back, in the real browser. */

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
      { name: 'base_sled.key', externalId: '7001', parameters: { vent: 50 } },
      { name: 'next_sled.key', parameters: { vent: 52.5 } },
    )) as [Job, Job];
    const page = await visitor.open(`/jobs/${job.id}`);
    await page.getByLabel('Analysis status').selectOption('done');
    await page.getByLabel('Assessment').selectOption('ok');
    await page.getByLabel('Summary').fill('**HIC** fell\nby 4 %');
    const finder = page.getByRole('combobox', { name: 'Number or name of the base run' });
    await finder.fill('base_s');
    await page.getByRole('option', { name: /7001 base_sled/ }).waitFor();
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
    await page.getByRole('alert').waitFor();
    expect(await page.getByLabel('Summary').inputValue()).toBe('typed in a tunnel');
    await visitor.context.setOffline(false);
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
    await create(...Array.from({ length: 5 }, () => ({ project: 'stale', user: 'admin' })));
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

describe('looking back', () => {
  test('every mark of the dashboard leads to the list that it counts', async () => {
    await create(
      { project: 'marks', status: 'failed', assessment: 'obsolete' },
      { project: 'marks', user: 'doea' },
    );
    const page = await visitor.open('/dashboard?project=marks');
    const group = page.getByRole('row', { name: /marks/ });
    await group.getByRole('link', { name: '1 failed' }).click();
    await page.getByText('1 job', { exact: true }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'User', exact: true }).click();
    const nobody = page.getByRole('row', { name: /^none/ });
    await nobody.getByRole('link', { name: '1 failed' }).click();
    await page.getByText('1 job', { exact: true }).waitFor();
    await page.goBack();
    await page.getByText('The figures as a table').click();
    await page.getByRole('row').last().waitFor();
    // The bar of today, in the chart.
    const plot = page.locator('.u-over').first();
    const box = await plot.boundingBox();
    await plot.click({ position: { x: (box?.width ?? 0) - 6, y: (box?.height ?? 0) - 10 } });
    await expect.poll(() => page.url()).toContain('ended-after');
    await page.getByText('2 jobs', { exact: true }).waitFor();
  });

  test('old links lead to where their things are now', async () => {
    await one({ externalId: '1234567', name: 'from_the_wiki.key' });
    const page = await visitor.context.newPage();
    await page.goto('/1234567/');
    await page.getByRole('heading', { name: 'from_the_wiki.key' }).waitFor();
    await page.goto('/about/');
    await page.getByRole('heading', { name: 'About Daybook' }).waitFor();
    await page.goto('/?q=from_the&user=&project=&page=3');
    await page.getByRole('link', { name: 'from_the_wiki.key' }).waitFor();
    await create({ name: 'superseded.key', externalId: '7654321', assessment: 'obsolete' });
    await page.goto('/?q=superseded&show_obsolete');
    await page.getByRole('link', { name: 'superseded.key' }).waitFor();
    await page.goto('/?q=superseded');
    await page.getByText('no jobs', { exact: true }).waitFor();
  });

  test('every page can be read by everybody, in both themes and on small screens', async () => {
    const [a, b] = (await create(
      {
        name: 'a.key',
        parameters: { vent: 1 },
        summary: '| a | b |\n| - | - |\n| 1 | 2 |\n\n- [x] done\n\n# big',
      },
      { name: 'b.key', parameters: { vent: 2 }, user: 'admin' },
    )) as [Job, Job];
    await post(diary, `/jobs/${b.id}`, { version: 1, baseRuns: [`#${a.id}`], summary: 'shorter' }, 'PATCH');
    await post(diary, `/jobs/${b.id}/events`, { kind: 'log', message: '*** Error 7' });
    const pages = {
      [`/jobs/${b.id}?tab=lineage`]: /From #/,
      [`/jobs/${b.id}?tab=history`]: /Summary/,
      [`/compare?ids=${a.id},${b.id}`]: /Compare/,
      '/inbox?of=all': /Inbox/,
      '/dashboard': /Jobs ended/,
      '/digest': /Week/,
    };
    const faults: string[] = [];
    const page = await visitor.context.newPage();
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 1280],
      ['dark', 360],
    ] as const) {
      await page.setViewportSize({ width, height: 800 });
      await page.emulateMedia({ colorScheme });
      for (const [path, heading] of Object.entries(pages)) {
        await page.goto(`/diary${path}`);
        await page.getByRole('heading', { name: heading }).first().waitFor();
        await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
        faults.push(
          ...(await visitor.faults(page)).map((fault) => `${path} ${colorScheme} ${width}: ${fault}`),
        );
        const tooWide = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        if (tooWide > 0) faults.push(`${path} is ${tooWide} px too wide at ${width}`);
      }
    }
    expect(faults).toEqual([]);
  }, 300_000);
});
