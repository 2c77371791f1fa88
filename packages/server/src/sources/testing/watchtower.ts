import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Job, type Ticket, type TicketStatus, ticketDate, ticketText } from '@daybook/core';
import { pino } from 'pino';
import { TestClock } from '../../access/testing/test-clock.ts';
import { findRecipe } from '../../configurations/configurations.ts';
import { type Diary, diaryOn } from '../../jobs/testing/diary.ts';
import type { Store } from '../../storage/index.ts';
import { Importer } from '../importer.ts';
import { Poller } from '../poller.ts';
import type { SourceKind } from '../source.ts';
import { addSource, listSources, type SourceParts } from '../source-rows.ts';
import { trackerFiles } from '../tickets/ticket-source.ts';

/** Sources on a store, looked at when the test says so. */
export interface Watchtower extends SourceParts {
  readonly diary: Diary;
  readonly clock: TestClock;
  readonly importer: Importer;
  readonly poller: Poller;
  add(name: string, kind: string, settings: object): Promise<number>;
  /** The jobs of a source by external id. */
  jobs(source: string): Promise<Map<string, Job>>;
  source(id: number): Promise<Awaited<ReturnType<typeof listSources>>[number]>;
}

export function watchtowerOn(
  store: Store,
  kindsOf: (clock: TestClock) => readonly SourceKind[] = () => [trackerFiles],
): Watchtower {
  const clock = new TestClock();
  const kinds = kindsOf(clock);
  const diary = diaryOn(store, clock);
  const byName = new Map(kinds.map((kind) => [kind.kind, kind]));
  const importer = new Importer({ store, appender: diary.appender, clock, findRecipe });
  const parts = { store, clock, kinds: byName, importer };
  const poller = new Poller({ ...parts, log: pino({ level: 'silent' }) });
  return {
    ...parts,
    diary,
    poller,
    add: (name, kind, settings) =>
      addSource(parts, diary.admin, { name, kind, settings: { ...settings }, enabled: true }),
    async jobs(source) {
      const rows = await store.read
        .selectFrom('jobs')
        .select(['id', 'external_id'])
        .where('source', '=', source)
        .orderBy('id')
        .execute();
      const found = new Map<string, Job>();
      for (const row of rows)
        found.set(row.external_id as string, await diary.jobs.get(diary.admin.scope, row.id));
      return found;
    },
    async source(id) {
      return (await listSources(parts, id))[0] as Awaited<ReturnType<typeof listSources>>[number];
    },
  };
}

/** A directory of tickets that a test writes as somebody else's pipeline would. */
export class TicketShelf {
  readonly directory: string;
  readonly #clock: { now(): number };
  #written = 0;

  constructor(clock: { now(): number }) {
    this.#clock = clock;
    this.directory = mkdtempSync(join(tmpdir(), 'daybook-tickets-'));
  }

  put(ticket: Ticket): void {
    this.putRaw(`${ticket.job_ticket_id}.json`, ticketText(ticket));
  }

  putRaw(file: string, content: string | Uint8Array): void {
    mkdirSync(this.directory, { recursive: true });
    const path = join(this.directory, file);
    writeFileSync(path, content);
    // A file that is still being written is not judged: these were written a while ago, one after the other.
    this.#written += 1;
    const at = Date.now() / 1_000 - 3_600 + this.#written;
    utimesSync(path, at, at);
  }

  get(id: string): Ticket {
    return JSON.parse(readFileSync(join(this.directory, `${id}.json`), 'utf8'));
  }

  /** Changes a ticket by hand, without a lock, and dates it. */
  change(id: string, status: TicketStatus, step?: number, context: Record<string, unknown> = {}): void {
    const ticket = this.get(id);
    this.put({
      ...ticket,
      job_management: {
        ...ticket.job_management,
        job_status: status,
        ...(step !== undefined && { current_step: step }),
      },
      context: { ...ticket.context, ...context },
      last_modified_date: ticketDate(this.#clock.now()),
    });
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function ticketOf(id: string, some: { now: number } & Partial<Ticket>): Ticket {
  const { now, ...fields } = some;
  return {
    job_ticket_id: id,
    job_name: 'create_asset',
    job_management: {
      current_step: 1,
      steps: { '1': 'fetch', '2': 'check', '3': 'save' },
      job_status: '',
      previous_step_status: '',
    },
    context: {},
    creation_date: ticketDate(now),
    last_modified_date: ticketDate(now),
    ...fields,
  };
}
