import type { IncomingHttpHeaders } from 'node:http';
import { DaybookError, jobFilterShape, roleMay } from '@daybook/core';
import { z } from 'zod';
import type { Actor } from '../actor.ts';
import { askedBy } from '../jobs/asked-by.ts';
import { refuseInsideFilters, seesOutsideOnly } from '../jobs/customer-view.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { type Route, route } from '../route.ts';
import type { Store } from '../storage/index.ts';
import { parsePosition } from './read-facts.ts';
import { Seats } from './seats.ts';
import type { Tail } from './tail.ts';
import { type Interest, Watcher } from './watcher.ts';

const ids = z
  .union([z.string(), z.array(z.string())])
  .transform((value) =>
    [value]
      .flat()
      .flatMap((each) => each.split(','))
      .map(Number),
  )
  .pipe(z.array(z.int().min(1)).max(500));

const streamQuery = z.strictObject({
  ...jobFilterShape,
  job: ids.optional().meta({ description: 'Only facts of these jobs' }),
  // Few: the tail reads the lines of all watchers with one statement, whose parameters are limited.
  log: ids
    .refine((jobs) => jobs.length <= 50, 'must be at most 50 jobs')
    .optional()
    .meta({ description: 'Log lines of these jobs, too' }),
  after: z
    .string()
    .max(40)
    .optional()
    .meta({ description: 'As Last-Event-ID, for clients that cannot set it' }),
});

/** How often a quiet stream says that it lives, milliseconds. */
const BEAT = 15_000;
/**
 * How often it is asked whether the reader still may read, milliseconds: what this process is asked to revoke ends the
 * stream at once, what another one revoked, or the command line, after so long at most.
 */
const CHECK = 3_000;

export interface StreamParts {
  store: Store;
  tail: Tail;
  jobs: Pick<Jobs, 'clock' | 'appender'>;
  /** Who the reader is now; throws when the credentials are worth nothing any more. */
  authenticate(headers: IncomingHttpHeaders): Actor | Promise<Actor>;
  /** Tells when somebody may have lost what they had. Answers how to stop that. */
  onForget(listener: () => void): () => void;
  onDrop(): void;
}

export function streamRoutes(parts: StreamParts): Route[] {
  const { jobs } = parts;
  const seats = new Seats();
  return [
    route({
      method: 'GET',
      path: '/api/v1/stream',
      access: 'jobs.read',
      group: 'Live',
      summary: 'What happens, as it happens (server-sent events)',
      description:
        '`hello` {position}, `event` (a fact), `log` (a line, only with `log=`), `job` (the row as it is now, before the facts that changed it), `reset` (too far behind, or ahead of all there is after a restore: load again). `Last-Event-ID` resumes without loss. Customers are told `job` alone, as they see it in lists.',
      query: streamQuery,
      answers: { 200: { description: 'The stream', type: 'text/event-stream' } },
      handle: ({ actor, query, headers, gone }) => {
        const { job, log, after, ...asked } = query;
        refuseInsideFilters(actor, asked);
        const filter = askedBy(asked, actor, {
          now: jobs.clock.now(),
          timeZone: jobs.appender.words.timeZone,
        });
        if (log !== undefined && !roleMay(actor.role, 'jobs.inspect'))
          throw new DaybookError('forbidden', 'What a job printed is not shown to customers.');
        const from = headers['last-event-id'] ?? after;
        const position = from === undefined ? undefined : parsePosition(String(from));
        if (from !== undefined && position === undefined)
          throw new DaybookError('invalid_cursor', 'Last-Event-ID is no position of this stream.');
        const leave = seats.take(actor);
        const interest: Interest = { filter, logJobs: log ?? [], ...(job !== undefined && { jobs: job }) };
        return {
          headers: {
            'content-type': 'text/event-stream; charset=utf-8',
            'cache-control': 'no-store',
            // Proxies must not gather what is meant to arrive at once.
            'x-accel-buffering': 'no',
          },
          stream: (outlet) => {
            const watcher = new Watcher({
              ...parts,
              scope: actor.scope,
              outside: seesOutsideOnly(actor),
              interest,
              outlet,
            });
            outlet.on('close', leave);
            keepAlive(watcher, outlet, parts, headers, gone);
            watcher.start(position).catch(() => outlet.end());
          },
        };
      },
    }),
  ];
}

/** Sends a sign of life now and then, and ends the stream as soon as its reader may not read any more. */
function keepAlive(
  watcher: Watcher,
  outlet: { end(): unknown; on(event: 'close', listener: () => void): unknown },
  { authenticate, onForget }: StreamParts,
  headers: IncomingHttpHeaders,
  gone: AbortSignal,
): void {
  const check = async () => {
    try {
      const actor = await authenticate(headers);
      watcher.scope = actor.scope;
      watcher.outside = seesOutsideOnly(actor);
    } catch {
      watcher.stop();
      outlet.end();
    }
  };
  const beats = setInterval(() => watcher.beat(), BEAT).unref();
  const checks = setInterval(check, CHECK).unref();
  const stopListening = onForget(() => void check());
  const stop = () => {
    clearInterval(beats);
    clearInterval(checks);
    stopListening();
    watcher.stop();
  };
  outlet.on('close', stop);
  gone.addEventListener('abort', stop, { once: true });
}
