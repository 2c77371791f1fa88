import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../../tests/bed/browser.ts';
import { type Subject, startDaybook } from '../load/processes.ts';
import { diary, type Engine } from '../search/kept.ts';

/*
 * bench/pages: how long a person waits in a real browser, from the request of a page to what it is for. The aims: the first
 * rows of the list within a second at a million jobs, with six requests of the API at most; a lineage of 1,000 jobs within a second.
 *
 *   npm exec -- node bench/pages/run.ts [--jobs 100000] [--rounds 5] [--engine sqlite] [--data DIR]
 *
 * Each round is a browser that has never been here (all scripts are fetched and compiled) and then the same page once
 * more. With `--data` the diary is one that `bench/search` has written there, or will use.
 */
const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
    engine: { type: 'string' },
    data: { type: 'string' },
  },
});
const count = Number(values.jobs);
const rounds = Number(values.rounds);
const LINEAGE = 1_000;
const engines: readonly Engine[] = ['sqlite', 'postgres'];

console.log(
  `bench/pages  ${new Date().toISOString().slice(0, 10)}  node ${process.version}  ${cpus().length} × ${cpus()[0]?.model.trim()}`,
);
console.log(`settings     ${count} jobs, ${rounds} rounds, 1280 × 900 px, a lineage of ${LINEAGE} jobs`);

const browser = await launchBrowser();
for (const engine of engines) {
  if (values.engine !== undefined && values.engine !== engine) continue;
  const { data, databaseUrl, remove } = await diary(engine, count, values.data);
  const daybook = await startDaybook(databaseUrl, {}, data);
  console.log(`\n${daybook.name}`);
  const family = await makeLineage(daybook);
  await measure(daybook, browser, 'first rows', '/diary/', '[data-job]');
  await measure(
    daybook,
    browser,
    `lineage of ${LINEAGE}`,
    `/diary/jobs/${family}?tab=lineage`,
    '.react-flow__node',
  );
  await daybook.stop();
  await remove();
}
await browser.close();

async function measure(
  daybook: Subject,
  inside: Browser,
  what: string,
  path: string,
  drawn: string,
): Promise<void> {
  const seen: Record<string, number[]> = { 'never been here': [], 'once more': [] };
  let asked = 0;
  for (let round = 0; round < rounds; round++) {
    const context = await inside.newContext({
      baseURL: `http://127.0.0.1:${daybook.port}`,
      viewport: { width: 1280, height: 900 },
    });
    context.setDefaultTimeout(60_000);
    const page = await context.newPage();
    await signIn(daybook, page);
    for (const times of Object.values(seen)) {
      const requests: string[] = [];
      const listen = (request: { url(): string }) => requests.push(new URL(request.url()).pathname);
      page.on('request', listen);
      times.push(await timeUntil(page, path, drawn));
      page.off('request', listen);
      asked = Math.max(asked, requests.filter(isQuestion).length);
    }
    await context.close();
  }
  for (const [visit, times] of Object.entries(seen)) {
    const sorted = [...times].sort((a, b) => a - b);
    const told = times.map((time) => time.toFixed(0)).join(', ');
    console.log(
      `  ${what.padEnd(16)} ${visit.padEnd(16)} median ${(sorted[Math.floor(rounds / 2)] as number).toFixed(0).padStart(5)} ms  (${told})`,
    );
  }
  console.log(`  ${what.padEnd(16)} at most ${asked} requests of the API until then`);
}

function isQuestion(path: string): boolean {
  return path.startsWith('/api/') && !path.endsWith('/stream');
}

/** Milliseconds from asking for a page until something of it is drawn, by the page's own clock. */
async function timeUntil(page: Page, path: string, drawn: string): Promise<number> {
  await page.goto('about:blank');
  await page.goto(path, { waitUntil: 'commit' });
  return await page.evaluate(
    (selector) =>
      new Promise<number>((resolve) => {
        const look = () => {
          // Two frames later it has been painted.
          if (document.querySelector(selector) === null) requestAnimationFrame(look);
          else requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())));
        };
        look();
      }),
    drawn,
  );
}

/** The cookie of a session, got without loading a page: the browser has never been here. */
async function signIn(daybook: Subject, page: Page): Promise<void> {
  const { signInLink } = (await post(daybook, '/users/1/sign-in-link', {})) as { signInLink: string };
  const token = new URL(signInLink).hash.replace('#token=', '');
  await page.context().request.post('/api/v1/session', { data: { token } });
}

/** Three variants of each job, and three of each of these; answers the number of the first. */
async function makeLineage(daybook: Subject): Promise<number> {
  const jobs = Array.from({ length: LINEAGE }, (_, n) => ({
    externalId: `family-${n}`,
    name: `sled_${n}.key`,
    kind: 'simulation',
    status: 'succeeded',
    parameters: { vent: n },
    ...(n > 0 && { baseRuns: [`family-${Math.floor((n - 1) / 3)}`] }),
  }));
  const { items } = (await post(daybook, '/jobs', { jobs })) as { items: { id: number }[] };
  return items[0]?.id as number;
}

async function post(daybook: Subject, path: string, body: unknown): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${daybook.port}/api/v1${path}`, {
    method: 'POST',
    headers: daybook.headers,
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return await response.json();
}
