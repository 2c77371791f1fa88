import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allOf, openWorkplace } from '../testing/workplace.ts';

/** Answers the exit code. */
async function runScript(url: string, spool: string, how: string): Promise<number> {
  const path = new URL('../testing/exiting-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--conditions=source', path, url, spool, how], { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

describe('at the end of a process', () => {
  it('that runs out of work the last events are delivered, and it ends by itself', async () => {
    const { server, spool } = await openWorkplace();
    expect(await runScript(server.url, spool, 'done')).toBe(0);
    expect(server.jobs[0]?.events.map((event) => event.kind)).toEqual(['log', 'progress']);
    expect(readdirSync(spool)).toEqual([]);
  });

  it('that runs out of work the server may hang: it ends all the same', async () => {
    const { server, spool, daybook } = await openWorkplace();
    server.misbehave = ({ path }) => (path.endsWith('/events') ? 'hang' : 'none');
    expect(await runScript(server.url, spool, 'done')).toBe(0);
    server.misbehave = () => 'none';
    expect(await allOf(daybook().sync())).toMatchObject([{ kind: 'delivered', events: 2 }]);
  });

  it.each([
    ['exit', 0, ['log', 'progress']],
    ['exit 3', 3, ['log', 'progress', 'status']],
    ['throw', 1, ['log', 'progress', 'status']],
  ])('by %s what was said is on disk, and that it failed', async (how, code, kinds) => {
    const { server, spool, daybook } = await openWorkplace();
    expect(await runScript(server.url, spool, how)).toBe(code);
    expect(await allOf(daybook().sync())).toMatchObject([{ kind: 'delivered', jobId: 1 }]);
    expect(server.jobs[0]?.events.map((event) => event.kind)).toEqual(kinds);
    if (code !== 0)
      expect(server.jobs[0]?.events.at(-1)).toMatchObject({
        status: 'failed',
        message: `the process ended with exit code ${code}`,
      });
    expect(readdirSync(spool)).toEqual([]);
  });
});
