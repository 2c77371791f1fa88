import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
import { CrewMember } from './crew.ts';
import { offerJobs, offerWork } from './rounds.ts';

describe.concurrent('with default settings', () => {
  test.each(['sqlite', 'postgres'] as const)(
    'the job of a killed worker begins on another within 15 s: %s',
    async (engine) => {
      const server = await RealServer.open({
        ...(engine === 'postgres' && { postgresUrl: inject('postgresUrl') }),
        flags: ['--log-level', 'error'],
      });
      onTestFinished(() => server.remove());
      await offerWork(server);
      const [first, second] = ['first', 'second'].map((name) => new CrewMember(server, name, 0)) as [
        CrewMember,
        CrewMember,
      ];
      onTestFinished(async () => void (await Promise.all([first.kill(), second.kill()])));
      const [id] = await offerJobs(server, 1, { parameters: { ms: 60_000 } });
      const start = (attempt: number) => `start ${id} ${attempt}`;
      const holder = await Promise.race([
        first.printed(start(1)).then(() => first),
        second.printed(start(1)).then(() => second),
      ]);
      const other = holder === first ? second : first;
      const killed = performance.now();
      await holder.kill();
      await other.printed(start(2));
      const took = performance.now() - killed;
      console.info(`recovery of a killed worker's job, ${engine}: ${Math.round(took)} ms`);
      expect(took).toBeLessThan(15_000);
    },
    90_000,
  );
});
