import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import { systemClock } from '../../packages/server/src/clock.ts';
import { findRecipe } from '../../packages/server/src/configurations/configurations.ts';
import { Appender } from '../../packages/server/src/jobs/appender.ts';
import { Importer } from '../../packages/server/src/sources/importer.ts';
import { Poller } from '../../packages/server/src/sources/poller.ts';
import { schedulerKinds } from '../../packages/server/src/sources/scheduler/kinds.ts';
import { openSqlite } from '../../packages/server/src/storage/index.ts';

/** Looks at a source again and again, to be killed at any moment: `DATABASE SOURCE PROGRAMS MILLISECONDS`. */
const [file = '', id, programs = '', pause] = process.argv.slice(2);
const store = openSqlite({ file });
const clock = systemClock;
const appender = new Appender({ store, clock, estimateEnd: () => null });
const importer = new Importer({ store, appender, clock, findRecipe });
const kinds = new Map(schedulerKinds({ clock, programs: [programs] }).map((kind) => [kind.kind, kind]));
const poller = new Poller({ store, clock, kinds, importer, log: pino({ level: 'silent' }) });
// Nothing else keeps it alive: the threads and processes of the store leave when nobody needs them.
setInterval(() => {}, 1_000);
process.stdout.write('polls\n');
for (;;) {
  await poller.poll(Number(id));
  await wait(Number(pause));
}
