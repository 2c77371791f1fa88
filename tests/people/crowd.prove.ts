import { testCrowd } from './prove-crowd.ts';

testCrowd({ providers: 100, jobs: 100, events: 20, trackerEvery: 2 }, 1_200_000);
