import { setTimeout as pause } from 'node:timers/promises';
import type { Address, Application } from './subject.ts';
import { subjectNamed } from './subjects/index.ts';

/*
 * The application process: joins a subject and does what the measurement says, one order after the other. Times are of
 * its own clock, so nothing depends on how fast two processes talk to each other.
 */
const [name, address] = process.argv.slice(2);
const join = () => subjectNamed(name as string).join(JSON.parse(address as string) as Address);
let application: Application = await join();
process.on('message', (order: Order) => void obey(order));
process.send?.({ kind: 'joined' });

export type Order =
  | { readonly kind: 'add'; readonly count: number }
  /** Adds and drains so many jobs, and joins again: what this process runs is compiled by then. */
  | { readonly kind: 'warm'; readonly count: number }
  | { readonly kind: 'drain'; readonly count: number }
  | { readonly kind: 'latency'; readonly samples: number }
  /** Works on jobs that never end. */
  | { readonly kind: 'hold' }
  | { readonly kind: 'leave' };

export type Report =
  | { readonly kind: 'joined' | 'added' | 'warmed' | 'working' }
  | { readonly kind: 'drained'; readonly milliseconds: number; readonly cpuMilliseconds: number }
  | { readonly kind: 'latencies'; readonly milliseconds: readonly number[] }
  | { readonly kind: 'started' };

async function obey(order: Order): Promise<void> {
  switch (order.kind) {
    case 'add':
      await application.add(order.count, 0);
      return report({ kind: 'added' });
    case 'warm':
      await application.add(order.count, 0);
      await drain(order.count);
      await application.leave();
      application = await join();
      return report({ kind: 'warmed' });
    case 'drain':
      return report(await drain(order.count));
    case 'latency':
      return report({ kind: 'latencies', milliseconds: await latencies(order.samples) });
    case 'hold':
      await application.work(() => {
        report({ kind: 'started' });
        return new Promise(() => {});
      });
      return report({ kind: 'working' });
    case 'leave':
      await application.leave();
      process.exit(0);
  }
}

function report(what: Report): void {
  process.send?.(what);
}

async function drain(count: number): Promise<Report> {
  const begin = performance.now();
  const cpu = process.cpuUsage();
  const handled = Promise.withResolvers<void>();
  let calls = 0;
  await application.work(async () => {
    calls += 1;
    if (calls === count) handled.resolve();
  });
  await handled.promise;
  while ((await application.left()) > 0) await pause(5);
  const milliseconds = performance.now() - begin;
  const { user, system } = process.cpuUsage(cpu);
  if (calls !== count) throw new Error(`${count} jobs, but ${calls} calls of the handler`);
  return { kind: 'drained', milliseconds, cpuMilliseconds: (user + system) / 1_000 };
}

/** From before the job is added until its handler starts, one job at a time, in an idle queue. */
async function latencies(samples: number): Promise<number[]> {
  let started = Promise.withResolvers<number>();
  await application.work(async (sentAt) => started.resolve(performance.now() - sentAt));
  const warmUp = 10;
  const all: number[] = [];
  for (let n = 0; n < warmUp + samples; n++) {
    started = Promise.withResolvers();
    await application.add(1, performance.now());
    all.push(await started.promise);
    while ((await application.left()) > 0) await pause(5);
    await pause(10);
  }
  return all.slice(warmUp);
}
