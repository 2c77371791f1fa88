import { budget } from '../bed/budget.ts';
import { testCrowd } from './prove-crowd.ts';

// A limit for what hangs: on a small machine the whole crowd takes ten minutes on each engine.
testCrowd({ providers: 100, jobs: budget(10, 100), events: 20, trackerEvery: 2 }, 3_600_000);
