import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BuildError, build, describeBuild } from './build.ts';
import { failures, oneFailed, onePassed, type Tally, tallyVitest, type VitestReport } from './tally.ts';

const root = join(import.meta.dirname, '..');
const tool = (path: string) => join(root, 'node_modules', path);

/** One part of the test command: says how it went and counts as one check. */
async function stage(name: string, action: () => Promise<boolean>): Promise<Tally> {
  console.log(`\n== ${name}`);
  const start = performance.now();
  const succeeded = await action();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${name}: ${succeeded ? 'ok' : 'FAILED'} (${seconds} s)`);
  return succeeded ? onePassed : oneFailed;
}

export async function lint(): Promise<Tally> {
  return await stage('lint', async () => {
    const biome = await run([tool('@biomejs/biome/bin/biome'), 'check', '.']);
    const arrows = await run([join(root, 'scripts/check-arrows.ts')]);
    return biome === 0 && arrows === 0;
  });
}

/** The build checks what ships; this checks tests, scripts and examples as well, and the web pages. */
export async function types(): Promise<Tally> {
  return await stage('types', async () => {
    const house = await run([tool('typescript/bin/tsc'), '-p', 'tsconfig.check.json']);
    const pages = 'packages/web/tsconfig.json';
    const web = existsSync(join(root, pages))
      ? await run([tool('typescript/bin/tsc'), '-p', pages, '--noEmit'])
      : 0;
    return house === 0 && web === 0;
  });
}

export async function compile(): Promise<Tally> {
  return await stage('build', async () => {
    try {
      console.log(describeBuild(await build()));
      return true;
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      console.log(error.message);
      return false;
    }
  });
}

/** Runs Vitest; its own report goes to the terminal, its numbers come back. */
export async function vitest(options: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<Tally> {
  console.log('\n== tests');
  const folder = await mkdtemp(join(tmpdir(), 'daybook-report-'));
  const file = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const code = await run([tool('vitest/vitest.mjs'), 'run', ...reporters, ...options], variables);
    const text = await readFile(file, 'utf8').catch(() => undefined);
    const report = text ? (JSON.parse(text) as VitestReport) : undefined;
    for (const failure of report ? failures(report) : []) console.log(failure.replace(`${root}/`, ''));
    return tallyVitest(report, code);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs a script on our own Node, without a stdin that it could wait for. */
async function run(command: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<number | null> {
  const child = spawn(process.execPath, command, {
    cwd: root,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}
