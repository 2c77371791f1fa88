import type { Job } from '@daybook/core';
import { describe, expect, test } from 'vitest';
import { visitDiary } from '../web/visit.ts';
import { post } from '../web/visitor.ts';

/* People look back on their jobs, in the real browser. */

const visit = visitDiary(async () => {});

const create = async (...jobs: object[]) => {
  const { items } = await post<{ items: Job[] }>(visit.diary, '/jobs', {
    jobs: jobs.map((job) => ({ name: 'run.key', status: 'succeeded', ...job })),
  });
  return items;
};

describe('looking back', () => {
  test('every mark of the dashboard leads to the list that it counts', async () => {
    await create(
      { project: 'marks', status: 'failed', assessment: 'obsolete' },
      { project: 'marks', user: 'doea' },
    );
    const page = await visit.visitor.open('/dashboard?project=marks');
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
    // Today, in the chart of times: nothing stands on anything there.
    const plot = page.locator('.u-over').last();
    const box = await plot.boundingBox();
    await plot.click({ position: { x: (box?.width ?? 0) - 6, y: (box?.height ?? 0) - 10 } });
    await expect.poll(() => page.url()).toContain('ended-after');
    await page.getByText('2 jobs', { exact: true }).waitFor();
  });

  test('the dashboard draws a bar for every day, today too, and its failed part opens what failed', async () => {
    await create({ project: 'bars', status: 'failed' }, { project: 'bars' }, { project: 'bars' });
    const page = await visit.visitor.open('/dashboard?project=bars');
    const plot = page.locator('.u-over').first();
    const { width, height } = (await plot.boundingBox()) ?? { width: 0, height: 0 };
    // Three jobs are as high as the chart but for a twentieth.
    const at = (jobs: number) => ({ x: width * (29.5 / 30), y: height * (1 - jobs / 3.15) });
    const inks = await plot.evaluate(
      (over, places) => {
        const canvas = over.parentElement?.querySelector('canvas');
        const pen = canvas?.getContext('2d');
        const { left, top } = canvas?.getBoundingClientRect() ?? { left: 0, top: 0 };
        const { x, y } = over.getBoundingClientRect();
        return places.map((place) =>
          [...(pen?.getImageData(x - left + place.x, y - top + place.y, 1, 1).data ?? [])].join(' '),
        );
      },
      [at(0.5), at(1.5), at(2.5)],
    );
    expect(new Set(inks).size).toBe(2);
    const failed = inks.findIndex((ink) => inks.indexOf(ink) === inks.lastIndexOf(ink));
    await plot.click({ position: at(failed + 0.5) });
    await page.getByText('1 job', { exact: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('status')).toBe('failed');
    // The same by keyboard: the days of the table are links, and so are its figures.
    await page.goBack();
    await page.getByText('The figures as a table').click();
    const today = page.locator('details').getByRole('row').nth(1);
    await today.getByRole('link').first().press('Enter');
    await page.getByText('3 jobs', { exact: true }).waitFor();
  });

  test('the lineage of a large family opens at the job, with its base run and what varies it', async () => {
    const names = Array.from({ length: 40 }, (_, index) => String(81_000 + index));
    // Each of them varies the one before the last: two long ways, far apart.
    const family = await create(
      ...names.map((externalId, index) => ({
        externalId,
        parameters: { vent: index },
        ...(index > 1 && { baseRuns: [names[index % 3 === 0 ? index - 1 : index - 2]] }),
        ...(index === 1 && { baseRuns: [names[0]] }),
      })),
    );
    const page = await visit.visitor.open(`/jobs/${family[30]?.id}?tab=lineage`);
    const canvas = page.getByRole('application');
    const box = canvas.locator('.react-flow__node', { hasText: '81030' });
    await box.waitFor();
    const outer = await canvas.boundingBox();
    for (const number of ['81029', '81030', '81032']) {
      const inner = await canvas.locator('.react-flow__node', { hasText: number }).boundingBox();
      expect(inner && outer && inner.x >= outer.x && inner.y >= outer.y).toBe(true);
      expect(inner && outer && inner.x + inner.width <= outer.x + outer.width).toBe(true);
      expect(inner && outer && inner.y + inner.height <= outer.y + outer.height).toBe(true);
    }
    // All of it is all, not what has been seen until now.
    await page.getByRole('button', { name: 'Show all' }).click();
    await expect.poll(() => canvas.locator('.react-flow__node').count()).toBe(40);
  });

  test('old links lead to where their things are now', async () => {
    await create({ externalId: '1234567', name: 'from_the_wiki.key' });
    const page = await visit.visitor.context.newPage();
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
    await post(
      visit.diary,
      `/jobs/${b.id}`,
      { version: 1, baseRuns: [`#${a.id}`], summary: 'shorter' },
      'PATCH',
    );
    await post(visit.diary, `/jobs/${b.id}/events`, { kind: 'log', message: '*** Error 7' });
    const pages = {
      [`/jobs/${b.id}?tab=lineage`]: /From #/,
      [`/jobs/${b.id}?tab=history`]: /Summary/,
      [`/compare?ids=${a.id},${b.id}`]: /Compare/,
      '/inbox?of=all': /Inbox/,
      '/dashboard': /Jobs ended/,
      '/digest': /Week/,
    };
    const faults: string[] = [];
    const page = await visit.visitor.context.newPage();
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
          ...(await visit.visitor.faults(page)).map((fault) => `${path} ${colorScheme} ${width}: ${fault}`),
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
