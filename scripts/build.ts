import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundleCommand } from './bundle-command.ts';
import { fingerprint } from './fingerprint.ts';
import { underLock } from './lock.ts';

/** What a build did. */
export interface BuildResult {
  /** False when nothing had changed since the last one. */
  readonly built: boolean;
  readonly milliseconds: number;
}

/** The compiler or the bundler found faults; it has printed them already. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
}

const root = join(import.meta.dirname, '..');
const stampFile = join(root, 'node_modules/.cache/daybook/build-stamp');
const web = join(root, 'packages/web');

/** Compiles the packages and bundles the command and the web pages, unless the sources are those of the last build. */
export async function build(): Promise<BuildResult> {
  const start = performance.now();
  const done = (built: boolean) => ({ built, milliseconds: Math.round(performance.now() - start) });
  if (await isUpToDate(fingerprint(root))) return done(false);
  return await underLock(`build ${root}`, async () => {
    // Whoever held the lock before us may have built the very same sources. The print is taken before the build:
    // what somebody changes meanwhile must count as a change.
    const sources = fingerprint(root);
    if (await isUpToDate(sources)) return done(false);
    await compile();
    await mkdir(dirname(stampFile), { recursive: true });
    await writeFile(stampFile, sources);
    return done(true);
  });
}

async function compile(): Promise<void> {
  await runTool('TypeScript', join(root, 'node_modules/typescript/bin/tsc'), ['-b'], root);
  await bundleCommand(root);
  if (!hasWebPages()) return;
  await runTool('Vite', join(root, 'node_modules/vite/bin/vite.js'), ['build', '--logLevel', 'warn'], web);
}

function hasWebPages(): boolean {
  return existsSync(join(web, 'vite.config.ts'));
}

async function isUpToDate(sources: string): Promise<boolean> {
  const stamp = await readFile(stampFile, 'utf8').catch(() => '');
  return stamp === sources && outputs().every((path) => existsSync(join(root, path)));
}

/** One file of each output folder: a stamp must not outlive what it speaks of. */
function outputs(): string[] {
  const compiled = ['core', 'sdk', 'server', 'cli'].map((name) => `packages/${name}/dist/.tsbuildinfo`);
  const command = 'packages/cli/dist/bundle/main.js';
  return [...compiled, command, ...(hasWebPages() ? ['packages/web/dist/index.html'] : [])];
}

/** The tools print to stderr: stdout belongs to the command that people or scripts read. */
async function runTool(name: string, script: string, options: string[], cwd: string): Promise<void> {
  // A test that builds says NODE_ENV=test, which would bundle React for development.
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = spawn(process.execPath, [script, ...options], { cwd, env, stdio: ['ignore', 2, 2] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new BuildError(`${name} found faults, see above`);
}

/** The line that says what a build did. */
export function describeBuild({ built, milliseconds }: BuildResult): string {
  const seconds = (milliseconds / 1000).toFixed(2);
  return built ? `Built in ${seconds} s` : `Nothing to build (${seconds} s)`;
}

if (import.meta.main) {
  try {
    console.log(describeBuild(await build()));
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
