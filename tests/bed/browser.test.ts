import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from './browser.ts';

const page = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<title>Bed</title><style>:root { color-scheme: light dark } body { font: 16px sans-serif }
@media (prefers-color-scheme: dark) { body { background: rgb(17, 18, 19); color: white } }</style>
<h1>The diary that your jobs write themselves</h1><p id="out">Grüße, 28.57 %</p>`;

const worker = `let n = 0; onconnect = (event) => event.ports[0].postMessage(++n);`;

function answer(path: string, response: ServerResponse): void {
  if (path === '/stream') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: 7\ndata: running\n\n');
  } else if (path === '/worker.js') {
    response.writeHead(200, { 'content-type': 'text/javascript' }).end(worker);
  } else {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  }
}

let browser: Browser;
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => answer(request.url ?? '', response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  server.closeAllConnections();
  server.close();
});

async function visit(options: Parameters<Browser['newPage']>[0]): Promise<Page> {
  const visited = await browser.newPage(options);
  await visited.goto(url);
  return visited;
}

/** Text that is drawn without a font is a row of equal boxes: then an i is as wide as a W. */
async function letterWidths(visited: Page): Promise<{ narrow: number; wide: number }> {
  return await visited.evaluate(() => {
    const context = document.createElement('canvas').getContext('2d');
    if (!context) return { narrow: 0, wide: 0 };
    context.font = '40px sans-serif';
    return { narrow: context.measureText('i').width, wide: context.measureText('W').width };
  });
}

test.each([360, 1280])('draws a page at %i px with a real font', async (width) => {
  const visited = await visit({ viewport: { width, height: 700 } });
  expect(await visited.evaluate(() => innerWidth)).toBe(width);
  const { narrow, wide } = await letterWidths(visited);
  expect(narrow).toBeGreaterThan(0);
  expect(wide).toBeGreaterThan(narrow * 2);
  const picture = await visited.screenshot();
  expect(picture.subarray(1, 4).toString()).toBe('PNG');
  await visited.close();
});

test('shows light and dark', async () => {
  const visited = await visit({ colorScheme: 'dark' });
  const background = () => visited.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(await background()).toBe('rgb(17, 18, 19)');
  await visited.emulateMedia({ colorScheme: 'light' });
  expect(await background()).toBe('rgba(0, 0, 0, 0)');
  await visited.close();
});

test('has one SharedWorker for all pages of a context', async () => {
  const context = await browser.newContext();
  const connect = async () => {
    const visited = await context.newPage();
    await visited.goto(url);
    return await visited.evaluate(
      () =>
        new Promise((resolve) => {
          new SharedWorker('/worker.js').port.onmessage = (event) => resolve(event.data);
        }),
    );
  };
  expect([await connect(), await connect()]).toEqual([1, 2]);
  await context.close();
});

test('receives server-sent events', async () => {
  const visited = await visit({});
  const event = await visited.evaluate(
    () =>
      new Promise((resolve) => {
        const stream = new EventSource('/stream');
        stream.onmessage = ({ data, lastEventId }) => resolve([lastEventId, data]);
      }),
  );
  expect(event).toEqual(['7', 'running']);
  await visited.close();
});

test('finds no host but this machine, and keeps the same-origin rule', async () => {
  const visited = await visit({});
  const reach = (address: string) =>
    visited.evaluate((to) => fetch(to).then(() => 'reached', String), address);
  expect(await reach('http://example.org/')).toContain('Failed to fetch');
  expect(await reach(url.replace('127.0.0.1', 'localhost'))).toContain('Failed to fetch');
  expect(await reach(url)).toBe('reached');
  await visited.close();
});

test('needs nothing from the environment of the tests and leaves it alone', () => {
  expect(process.env.LD_LIBRARY_PATH ?? '').not.toContain('al2023');
  expect(process.env.AWS_EXECUTION_ENV).toBeUndefined();
});
