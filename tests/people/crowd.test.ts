import { testCrowd } from './prove-crowd.ts';

// `npm run prove` has the large one.
testCrowd({ providers: 10, jobs: 20, events: 10, trackerEvery: 4 }, 300_000);
