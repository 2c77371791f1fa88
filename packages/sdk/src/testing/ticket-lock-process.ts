import { writeSync } from 'node:fs';
import { TicketLock } from '../tickets/ticket-lock.ts';

/** Takes the lock of the ticket PATH and keeps it until it is killed. */
const [path = ''] = process.argv.slice(2);
await TicketLock.take(path, 20_000);
writeSync(1, 'holding\n');
setInterval(() => {}, 1_000);
