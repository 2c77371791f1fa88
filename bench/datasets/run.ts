import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Subject, startDaybook } from '../load/processes.ts';

/*
 * bench/datasets: how long it takes to list an input directory of many tars, over HTTP. The aim: 10,000 in well under a
 * second, once they are known.
 *
 *   npm exec -- node bench/datasets/run.ts [--tars 10000] [--rounds 3]
 *
 * Each tar has its metadata and three chunks of 20 kB; a tenth lies in the archive.
 */
const { values } = parseArgs({
  options: { tars: { type: 'string', default: '10000' }, rounds: { type: 'string', default: '3' } },
});
const tars = Number(values.tars);
const BLOCK = 512;

const input = mkdtempSync(join(tmpdir(), 'daybook-bench-input-'));
mkdirSync(join(input, 'archive'));
for (let n = 0; n < tars; n++)
  writeFileSync(join(input, n % 10 === 0 ? 'archive' : '', `SET_${n}.tar`), tarOf(`SET_${n}`));
process.env['DAYBOOK_INPUT_DIR'] = input;
const daybook = await startDaybook();
console.log(
  `bench/datasets  ${new Date().toISOString().slice(0, 10)}  node ${process.version}  ${cpus().length} × ${cpus()[0]?.model.trim()}`,
);
console.log(`settings        ${tars} tars of four members, ${values.rounds} rounds\n`);
console.log(`first page of 500, nothing known  ${await timed(() => page(daybook))} ms`);
console.log(`all pages, the rest not known     ${await timed(() => all(daybook))} ms`);
for (let round = 1; round <= Number(values.rounds); round++) {
  console.log(`round ${round}  all at once, microdata       ${await timed(() => importable(daybook))} ms`);
  console.log(`round ${round}  all pages of 500             ${await timed(() => all(daybook))} ms`);
  console.log(`round ${round}  first page of 500            ${await timed(() => page(daybook))} ms`);
}
await daybook.stop();
rmSync(input, { recursive: true });

async function page(subject: Subject, cursor?: string): Promise<string | undefined> {
  const more = cursor === undefined ? '' : `&cursor=${cursor}`;
  const body = await get<{ nextCursor?: string }>(subject, `/api/v1/datasets?limit=500${more}`);
  return body.nextCursor;
}

async function all(subject: Subject): Promise<void> {
  for (let cursor = await page(subject); cursor !== undefined; ) cursor = await page(subject, cursor);
}

async function importable(subject: Subject): Promise<void> {
  const listed = await get<unknown[]>(subject, '/importable-datasets');
  if (listed.length !== tars) throw new Error(`${listed.length} of ${tars} were listed`);
}

async function get<T>({ port, headers }: Subject, path: string): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

async function timed(work: () => Promise<unknown>): Promise<string> {
  const begin = performance.now();
  await work();
  return (performance.now() - begin).toFixed(0).padStart(6);
}

function tarOf(name: string): Buffer {
  const members = [`${name}.json`, ...[1, 2, 3].map((n) => `chunks/${n}.parquet`)];
  return Buffer.concat([
    ...members.flatMap((path, n) => [
      header(path, n === 0 ? BLOCK : 40 * BLOCK),
      Buffer.alloc(n === 0 ? BLOCK : 40 * BLOCK),
    ]),
    Buffer.alloc(2 * BLOCK),
  ]);
}

function header(path: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(path, 0);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
