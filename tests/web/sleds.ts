import type { Diary } from '../cli/diary.ts';
import { post } from './visitor.ts';

/** A configuration and 120 jobs that have ended: every fourth failed, every third is an import, two projects, two users. */
export async function fillWithSleds(diary: Diary): Promise<void> {
  await post(diary, '/configurations', {
    tag: 'crash',
    name: 'Crash simulation',
    steps: [
      { tag: 'mesh', name: 'Mesh', points: 10 },
      { tag: 'solve', name: 'Solve', points: 90 },
    ],
  });
  const jobs = Array.from({ length: 120 }, (_, index) => ({
    name: `sled_${String(index).padStart(3, '0')}.key`,
    kind: index % 3 === 0 ? 'import' : 'simulation',
    project: index % 2 === 0 ? '3001234' : 'q000351',
    user: index % 5 === 0 ? 'doea' : 'doeb',
    status: index % 4 === 0 ? 'failed' : 'succeeded',
  }));
  await post(diary, '/jobs', { jobs });
}
