import type { JobStatus, SourceSentence } from '@daybook/core';
import type { Logger } from 'pino';
import type { Duty } from '../duties/duties.ts';
import type { Importer } from './importer.ts';
import {
  type CommonSettings,
  type Finding,
  type KnownJob,
  type Look,
  type Source,
  SourceError,
  type SourceKind,
} from './source.ts';
import { type SourceParts, type SourceRow, settingsOf, sourceRow } from './source-rows.ts';

/** The longest time that a source which fails is left alone, milliseconds. */
const LONGEST_BACKOFF = 10 * 60_000;

interface Opened {
  readonly version: number;
  readonly source: Source;
}

/** What a look found. */
interface Counts {
  seen: number;
  changed: number;
  events: number;
  created: number;
}

/**
 * Looks at each source on its cycle, as a duty of its own: one process at a time, never two looks at once. A look that
 * fails changes no job: the source is stale until one comes to a good end, and is left alone for longer and longer.
 */
export class Poller {
  readonly #parts: SourceParts & { importer: Importer; log: Logger };
  readonly #opened = new Map<number, Opened>();
  /** Looks that go on, also those that were given up and that a file system or a program still holds. */
  readonly #looking = new Set<number>();

  constructor(parts: SourceParts & { importer: Importer; log: Logger }) {
    this.#parts = parts;
  }

  /** A duty for each source that is to be polled now. */
  async duties(): Promise<Duty[]> {
    const { store, clock, kinds } = this.#parts;
    const rows = await store.read
      .selectFrom('sources')
      .selectAll()
      .where('enabled', '=', 1)
      .where('removed_at', 'is', null)
      .execute();
    const live = new Set(rows.map((row) => row.id));
    for (const id of this.#opened.keys()) if (!live.has(id)) this.#close(id);
    return rows.flatMap((row): Duty[] => {
      const kind = kinds.get(row.kind);
      if (kind === undefined || row.next_at > clock.now()) return [];
      const settings = settingsOf(kind, row);
      if (!kind.polls(settings)) return [];
      return [
        {
          name: dutyName(row.id),
          every: settings.interval * 1_000,
          run: (signal) => this.poll(row.id, signal),
        },
      ];
    });
  }

  /** One look. Never throws for what is wrong with the source: that is noted, and told on its page. */
  async poll(id: number, stopping: AbortSignal = new AbortController().signal): Promise<void> {
    const { store, kinds } = this.#parts;
    const row = await sourceRow(store.read, id);
    const kind = kinds.get(row.kind) as SourceKind;
    const settings = settingsOf(kind, row);
    const begin = this.#parts.clock.now();
    const since = performance.now();
    const patience = AbortSignal.timeout(settings.patience * 1_000);
    const signal = AbortSignal.any([stopping, patience]);
    try {
      if (this.#looking.has(id)) throw new SourceError({ code: 'source.error.hanging' });
      const counts = await this.#unlessAborted(id, this.#look(row, kind, settings, signal), signal);
      await this.#note(id, begin, since, {
        cycle: JSON.stringify(counts),
        ok_at: begin,
        failures: 0,
        error: null,
        next_at: 0,
      });
    } catch (error) {
      if (stopping.aborted) return;
      const sentence = sentenceFor(error, patience.aborted);
      if (row.failures === 0 || !(error instanceof SourceError))
        this.#parts.log.warn({ err: error, source: row.name }, 'a source could not be looked at');
      this.#close(id);
      const wait = Math.min(LONGEST_BACKOFF, settings.interval * 1_000 * 2 ** Math.min(row.failures, 10));
      await this.#note(id, begin, since, {
        failures: row.failures + 1,
        error: JSON.stringify(sentence),
        next_at: begin + wait,
      });
    }
  }

  /** A source of its own for a question about one of its jobs; undefined for one that is never looked at. */
  opened(row: SourceRow): Source | undefined {
    const kind = this.#parts.kinds.get(row.kind);
    const settings = kind && settingsOf(kind, row);
    return kind !== undefined && settings !== undefined && kind.polls(settings)
      ? this.#source(row, kind)
      : undefined;
  }

  /** What it is opened with now; kept from look to look, because it remembers what it has seen. */
  #source(row: SourceRow, kind: SourceKind): Source {
    const opened = this.#opened.get(row.id);
    if (opened?.version === row.version) return opened.source;
    this.#close(row.id);
    const source = kind.open(settingsOf(kind, row));
    this.#opened.set(row.id, { version: row.version, source });
    return source;
  }

  async #look(
    row: SourceRow,
    kind: SourceKind,
    settings: CommonSettings,
    signal: AbortSignal,
  ): Promise<Counts> {
    const { store, clock, importer } = this.#parts;
    const source = this.#source(row, kind);
    const counts: Counts = { seen: 0, changed: 0, events: 0, created: 0 };
    const told = new Set<string>();
    const look: Look = {
      marks: () => this.#marks(row.id),
      saw: (count) => {
        counts.seen += count;
      },
      signal,
      now: clock.now(),
    };
    const take = async (pieces: AsyncIterable<readonly Finding[]>) => {
      for await (const findings of pieces) {
        signal.throwIfAborted();
        // Once more: what was said since the look began must not be taken for what stands in the file.
        await kind.prepare?.(
          care,
          findings.map(({ item }) => item),
        );
        for (const imported of await importer.take(row, kind, findings)) {
          told.add(imported.item);
          counts.events += imported.events;
          if (imported.changed) counts.changed += 1;
          if (imported.created) counts.created += 1;
        }
      }
    };
    const care = {
      store,
      clock,
      sourceId: row.id,
      settings,
      lookedUntil: (row.cycle_at ?? 0) + (row.cycle_ms ?? 0),
      take: (findings: readonly Finding[]) => importer.take(row, kind, findings),
      source,
      signal,
    };
    await kind.prepare?.(care);
    await take(source.discover(look));
    await take(source.refresh(() => this.#active(row.id, told), look));
    await kind.care?.(care);
    return counts;
  }

  async #marks(sourceId: number): Promise<Map<string, string>> {
    const rows = await this.#parts.store.bulk
      .selectFrom('source_items')
      .select(['item', 'mark'])
      .where('source_id', '=', sourceId)
      .where('mark', '<>', '')
      .execute();
    return new Map(rows.map((row) => [row.item, row.mark]));
  }

  async #active(sourceId: number, told: ReadonlySet<string>): Promise<KnownJob[]> {
    const rows = await this.#parts.store.people
      .selectFrom('source_items')
      .select(['item', 'status', 'content', 'changed_at'])
      .where('source_id', '=', sourceId)
      .where('status', 'in', ['queued', 'running', 'unknown'])
      .execute();
    return rows
      .filter((row) => !told.has(row.item))
      .map((row) => ({
        item: row.item,
        status: row.status as JobStatus,
        content: row.content as string,
        changedAt: row.changed_at,
      }));
  }

  /** A look that does not hear the signal is left behind, and no other begins before it has come to its end. */
  async #unlessAborted<T>(id: number, work: Promise<T>, signal: AbortSignal): Promise<T> {
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    this.#looking.add(id);
    const over = () => this.#looking.delete(id);
    void work.then(over, over);
    return await Promise.race([work, aborted]);
  }

  async #note(
    id: number,
    begin: number,
    since: number,
    values: { failures: number; error: string | null; next_at: number; cycle?: string; ok_at?: number },
  ): Promise<void> {
    const cycle_ms = Math.round(performance.now() - since);
    await this.#parts.store.write(({ db }) =>
      db
        .updateTable('sources')
        .set({ ...values, cycle_at: begin, cycle_ms })
        .where('id', '=', id)
        .execute(),
    );
  }

  #close(id: number): void {
    this.#opened.get(id)?.source.close?.();
    this.#opened.delete(id);
  }
}

export function dutyName(sourceId: number): string {
  return `source:${sourceId}`;
}

function sentenceFor(error: unknown, late: boolean): SourceSentence {
  if (error instanceof SourceError) return error.sentence;
  if (late) return { code: 'source.error.timeout' };
  return { code: 'source.error.failed', detail: error instanceof Error ? error.message : String(error) };
}
