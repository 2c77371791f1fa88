import { testCrowd } from './prove-crowd.ts';

testCrowd({ providers: 20, jobs: 20, events: 20, trackerEvery: 4 }, 120_000);
