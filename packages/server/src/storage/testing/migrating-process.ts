import { once } from 'node:events';
import { migrate } from '../index.ts';
import { openAt } from './open-at.ts';

process.send?.('ready');
await once(process, 'message');
const store = openAt(process.argv[2] as string);
const applied = await migrate(store);
await store.close();
process.send?.(applied);
process.disconnect();
