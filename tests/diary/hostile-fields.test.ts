import type { Job } from '@daybook/core';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../bed/browser.ts';
import { Diary } from '../cli/diary.ts';
import { post, signInLink, Visitor } from '../web/visitor.ts';

/* Whatever a person or a job can write is shown as text: it runs nothing, loads nothing, and leads nowhere by itself. */

const script = "globalThis.hacked='yes'";
/** Ways into a page that believes what it shows. */
const attacks = [
  `<img src=x onerror="${script}">`,
  `"><svg onload="${script}">`,
  `<script>${script}</script>`,
  `[link](javascript:${script})`,
  `![image](x" onerror="${script}")`,
  `<a href="javascript:${script}">a</a>`,
  `<iframe srcdoc="<script>parent.${script}</script>"></iframe>`,
  `<style>*{display:none}</style>`,
  `{{constructor.constructor('${script}')()}}`,
  '=HYPERLINK("http://evil.example","x")',
].join(' ');

let diary: Diary;
let browser: Browser;

beforeAll(async () => {
  [diary, browser] = await Promise.all([Diary.open(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await diary?.close();
});

/** A job with the attacks in every field that takes text. */
async function hostileJob(more: object = {}): Promise<Job> {
  const short = attacks.slice(0, 99);
  const job = await post<Job>(diary, '/jobs', {
    name: attacks.slice(0, 450),
    kind: short,
    externalId: attacks.slice(0, 400),
    source: short,
    target: attacks.slice(0, 400),
    operation: short,
    project: short,
    user: attacks.slice(0, 400),
    customer: attacks.slice(0, 400),
    solver: attacks.slice(0, 400),
    submitDirectory: `/${attacks}`,
    jobDirectory: `/${attacks}`,
    logFile: `/${attacks}`,
    readmeFile: `/${attacks}`,
    info: attacks,
    summary: attacks,
    tags: [short],
    baseRuns: [attacks.slice(0, 400)],
    parameters: { [attacks.slice(0, 400)]: attacks },
    context: { a: { [attacks.slice(0, 400)]: [attacks] } },
    metadata: { url: `javascript:${script}`, html: attacks },
    steps: [{ tag: short, name: attacks.slice(0, 400) }],
    ...more,
  });
  await post(diary, `/jobs/${job.id}/events`, {
    events: [
      { kind: 'step', step: short, status: 'running', message: attacks, metadata: { a: attacks } },
      { kind: 'log', message: attacks, stream: 'stderr' },
      { kind: 'link', message: `javascript:${script}` },
      { kind: 'link', message: attacks },
      { kind: 'file', metadata: { path: attacks, url: `javascript:${script}` } },
      { kind: 'error', message: attacks, status: 'failed' },
    ],
  });
  return job;
}

test('nothing that is written anywhere runs, loads or leads away on any page', async () => {
  const base = await hostileJob({ status: 'running' });
  const job = await hostileJob({ status: 'running', externalId: 'two', baseRuns: [`#${base.id}`] });
  await post(
    diary,
    `/jobs/${job.id}`,
    { version: 1, summary: `${attacks} more`, info: `${attacks} more`, tags: ['x'] },
    'PATCH',
  );
  const visitor = await Visitor.arrive(browser, diary);
  await visitor.signIn();
  const dialogs: string[] = [];
  const strangers: string[] = [];
  visitor.context.on('page', (page) => {
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(diary.url) && !request.url().startsWith('data:'))
        strangers.push(request.url());
    });
  });
  const tabs = ['timeline', 'log', 'lineage', 'history', 'metadata', 'raw', 'terminal'];
  const paths = [
    '/',
    ...tabs.map((tab) => `/jobs/${job.id}?tab=${tab}`),
    `/compare?ids=${base.id},${job.id}&all=true`,
    '/inbox?of=all',
    '/dashboard',
    '/digest',
    '/queue',
    '/targets',
    `/number/${encodeURIComponent(attacks.slice(0, 100))}`,
    `/?q=${encodeURIComponent(attacks.slice(0, 200))}`,
  ];
  const page = await visitor.context.newPage();
  for (const path of paths) {
    await page.goto(`/diary${path}`);
    await page.locator('#content').waitFor();
    await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
    if (path.includes('tab=timeline'))
      for (const preview of await page.getByRole('button', { name: 'Preview' }).all()) await preview.click();
    const found = await page.evaluate(() => ({
      hacked: 'hacked' in globalThis,
      links: [...document.querySelectorAll<HTMLElement>('[href],[src],[action],[srcdoc]')]
        .map((each) => `${each.getAttribute('href') ?? ''} ${each.getAttribute('src') ?? ''}`)
        .filter((each) => /javascript:|vbscript:|data:text/i.test(each)),
      inside: document.querySelectorAll(
        '#content script, #content iframe, #content style, #content svg[onload]',
      ).length,
    }));
    expect([path, found]).toEqual([path, { hacked: false, links: [], inside: 0 }]);
  }
  expect([dialogs, strangers]).toEqual([[], []]);
  // A violation of the policy would mean that something tried.
  expect(visitor.complaints.filter((each) => /CSP|exception/.test(each))).toEqual([]);
  await visitor.context.close();
}, 300_000);

test('no page of another site writes anything with the cookie of whoever visits it', async () => {
  const visitor = await Visitor.arrive(browser, diary);
  const page = await visitor.context.newPage();
  await page.goto(await signInLink(diary));
  await page.getByRole('button', { name: 'Later' }).waitFor();
  const [cookie] = await visitor.context.cookies();
  const document = await diary.get<{ paths: Record<string, Record<string, unknown>> }>('/openapi.json');
  const writes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => ['post', 'put', 'patch', 'delete'].includes(method))
      .map((method) => ({ method: method.toUpperCase(), path: path.replace(/\{\w+\}/g, '1') })),
  );
  expect(writes.length).toBeGreaterThan(40);
  const answers = await Promise.all(
    writes.map(async ({ method, path }) => {
      const headers = { cookie: `${cookie?.name}=${cookie?.value}`, 'content-type': 'application/json' };
      const from = async (more: Record<string, string>) =>
        (await fetch(diary.url + path, { method, headers: { ...headers, ...more }, body: '{}' })).status;
      const statuses = [
        await from({ origin: 'https://evil.example' }),
        await from({ origin: 'null' }),
        await from({ 'sec-fetch-site': 'cross-site' }),
      ];
      return { call: `${method} ${path}`, statuses };
    }),
  );
  expect(answers.filter(({ statuses }) => statuses.some((status) => status !== 403))).toEqual([]);
  await visitor.context.close();
});
