import { testCrowd } from './prove-crowd.ts';

testCrowd({ providers: 20, jobs: 20, events: 20 }, 120_000);
