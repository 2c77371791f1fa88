import { beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../clock.ts';
import { registerConfiguration } from '../../configurations/configurations.ts';
import { actorOf, type Diary, diaryOn } from '../../jobs/testing/diary.ts';
import { forEachEngine } from '../../storage/testing/engines.ts';
import { createTrackerJob } from './new-job.ts';
import { jobWords } from './words.ts';

forEachEngine((_engine, newDatabase) => {
  let diary: Diary;
  const admin = actorOf();
  const provider = actorOf({ role: 'provider', providerId: 7 });
  beforeAll(async () => {
    diary = diaryOn((await newDatabase()).open());
  });

  /** Registers everybody's `tag` 2.0.0, of a name of its own, beside the provider's own `tag` of another version and name. */
  async function register(tag: string, own: string): Promise<void> {
    for (const [actor, version, name] of [
      [admin, '2.0.0', `Shared ${tag}`],
      [provider, own, `Own ${tag}`],
    ] as const)
      await registerConfiguration(diary.store, systemClock, actor, {
        tag,
        version,
        name,
        steps: [{ tag: name, name, points: 1 }],
      });
  }

  test.each(['1.0.0', '2.0.0'])(
    "everybody's configuration is meant by its name, beside a %s of its tag that the provider has",
    async (own) => {
      const tag = `scan-${own}`;
      await register(tag, own);
      const made = async (name: string) => {
        const input = { words: jobWords, providerJobId: name, customer: undefined, name, tag: undefined };
        const id = await createTrackerJob(diary.jobs, provider, input);
        const { configuration, steps } = await diary.jobs.get(admin.scope, id);
        return [configuration, steps.map((step) => step.tag)];
      };
      expect(await made(`Shared ${tag}`)).toEqual([{ tag, version: '2.0.0' }, [`Shared ${tag}`]]);
      expect(await made(`Own ${tag}`)).toEqual([{ tag, version: own }, [`Own ${tag}`]]);
      expect(await made(tag)).toEqual([{ tag, version: own }, [`Own ${tag}`]]);
    },
  );
});
