import { type Sighting, type SourceSentence, toIso } from '@daybook/core';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Appender } from '../jobs/appender.ts';
import { readJobs } from '../jobs/hot-statements.ts';
import { type LoadedJob, type LoadedRow, loadJobs } from '../jobs/job-states.ts';
import { adopt, learn, noteAlive } from '../jobs/learn.ts';
import type { FindRecipe } from '../jobs/references.ts';
import type { Store, Transaction } from '../storage/index.ts';
import { blankItem, type ItemRow, readItems, writeItems } from './item-rows.ts';
import { makeJobs } from './make-jobs.ts';
import { batchesOf, changesOf, eventsFor, sightingAsOf } from './sighting-changes.ts';
import type { Finding, Sight, SourceKind } from './source.ts';
import { type SourceRow, settingsOf, sourceActor } from './source-rows.ts';

/** What became of a finding. */
export interface Imported {
  readonly item: string;
  readonly jobId: number | null;
  readonly created: boolean;
  /** Facts that were written. */
  readonly events: number;
  /** False if it was known like this already. */
  readonly changed: boolean;
  readonly problem: SourceSentence | undefined;
}

/** A finding on its way into the diary. */
interface Case {
  readonly row: ItemRow;
  readonly finding: Finding;
  readonly sight: Sight | undefined;
  changed: boolean;
  created: boolean;
  existed: boolean;
  events: number;
}

/**
 * Makes jobs and facts of what sources find. What was found, what it means for its job, and the memory that it was found
 * are one transaction: killed at any moment, the next look finds the same again or nothing, so that every change is told
 * exactly once. Machine columns alone are written (design.md §1).
 */
export class Importer {
  readonly #store: Store;
  readonly #appender: Appender;
  readonly #clock: Clock;
  readonly #findRecipe: FindRecipe;

  constructor(parts: { store: Store; appender: Appender; clock: Clock; findRecipe: FindRecipe }) {
    this.#store = parts.store;
    this.#appender = parts.appender;
    this.#clock = parts.clock;
    this.#findRecipe = parts.findRecipe;
  }

  /** Takes a piece of findings, in their order. An item that is named twice counts as it was found last. */
  async take(source: SourceRow, kind: SourceKind, findings: readonly Finding[]): Promise<Imported[]> {
    const latest = [...new Map(findings.map((finding) => [finding.item, finding])).values()];
    const sights = latest.map((finding) => ('content' in finding ? kind.sight(finding.content) : undefined));
    return await this.#appender.write(async (transaction) => {
      const now = this.#clock.now();
      // Two who bring the same ticket at once: the second finds what the first has written.
      await this.#store.profile.oneAtATime(transaction.db, `source ${source.id}`);
      const known = await readItems(
        transaction,
        source.id,
        latest.map(({ item }) => item),
      );
      const cases = latest.map((finding, i): Case => {
        const row = known.get(finding.item) ?? blankItem(source.id, finding.item, now);
        return { row, finding, sight: sights[i], changed: false, created: false, existed: false, events: 0 };
      });
      const news = cases.filter((each) => noteFinding(each, now));
      if (news.length > 0) await this.#tell(transaction, { source, kind, news, now });
      await writeItems(
        transaction,
        cases.map(({ row }) => row),
      );
      if (news.length > 0) await this.#store.announceFacts(transaction);
      return cases.map(importedOf);
    });
  }

  async #tell(
    transaction: Transaction,
    { source, kind, news, now }: { source: SourceRow; kind: SourceKind; news: readonly Case[]; now: number },
  ): Promise<void> {
    const actor = sourceActor(source);
    const fresh = news.filter(({ row }) => row.job_id === null);
    await this.#make(transaction, { source, kind, actor, fresh, now });
    const ids = news.map(({ row }) => row.job_id as number);
    const loaded = await load(transaction, ids);
    const cause = kind.execution === 'reported' ? 'report' : 'source';
    const batches = news.flatMap((each) => {
      const job = loaded.get(each.row.job_id as number) as LoadedJob;
      const events = eventsFor({ ...changeOf(kind, each), job: job.state, changes: each.row.changes, cause });
      each.events = events.length;
      return batchesOf(actor, job.id, events);
    });
    await this.#appender.appendEachWithin(transaction, batches, loaded);
    const learned = news.flatMap((each) => {
      if (each.created) return [];
      const change = changeOf(kind, each);
      return changesOf(each.row.job_id as number, change.before, change.after) ?? [];
    });
    await learn(transaction, this.#appender, actor, learned, now);
    await noteAlive(transaction, ids, now);
    for (const { row, finding } of news) {
      row.status = (loaded.get(row.job_id as number) as LoadedJob).state.status;
      if ('content' in finding) row.content = finding.content;
    }
  }

  async #make(
    transaction: Transaction,
    {
      source,
      kind,
      actor,
      fresh,
      now,
    }: { source: SourceRow; kind: SourceKind; actor: Actor; fresh: readonly Case[]; now: number },
  ): Promise<void> {
    if (fresh.length === 0) return;
    const { project } = settingsOf(kind, source);
    const made = await makeJobs(transaction, {
      actor,
      source: source.name,
      sourceId: source.id,
      execution: kind.execution,
      project,
      findRecipe: this.#findRecipe,
      words: this.#appender.words,
      sightings: fresh.map(({ sight }) => (sight as { sighting: Sighting }).sighting),
      now,
    });
    for (const [i, each] of fresh.entries()) {
      const { jobId, existed, orphans } = made[i] as (typeof made)[number];
      each.row.job_id = jobId;
      each.created = !existed;
      each.existed = existed;
      await adopt(transaction, jobId, orphans);
    }
  }
}

/** Notes in its row what was found. True if there is something to tell of its job. */
function noteFinding(each: Case, now: number): boolean {
  const { row, finding, sight } = each;
  if ('gone' in finding) {
    each.changed = row.gone_at === null;
    row.gone_at ??= now;
    // If it comes back, even unchanged, it is told.
    row.mark = '';
    // What is not there cannot be wrong any more.
    noteProblem(each, undefined, now);
    return false;
  }
  row.gone_at = null;
  row.mark = finding.mark;
  row.seen_at = now;
  row.place = finding.place ?? row.place;
  if ('problem' in finding) {
    noteProblem(each, finding.problem, now);
    return false;
  }
  if (sight?.sighting === undefined) {
    noteProblem(each, (sight as { problem: SourceSentence }).problem, now);
    return false;
  }
  noteProblem(each, sight.notice, now);
  if (finding.hash === row.hash) return false;
  each.changed = true;
  row.hash = finding.hash;
  const { sighting } = sight;
  row.quiet_since = row.content === null ? Math.min(now, sighting.at ?? now) : now;
  row.changes += 1;
  row.changed_at = now;
  row.external_id = sighting.externalId;
  row.parent_id = sighting.parentExternalId ?? null;
  return true;
}

/** Undefined takes away the one that there was. */
function noteProblem(each: Case, problem: SourceSentence | undefined, now: number): void {
  const { row } = each;
  const before = row.problem === null ? undefined : (JSON.parse(row.problem) as StoredProblem);
  if (before?.code === problem?.code && before?.detail === problem?.detail) return;
  each.changed = true;
  row.problem = problem === undefined ? null : JSON.stringify({ ...problem, since: toIso(now) });
}

export interface StoredProblem extends SourceSentence {
  readonly since: string;
}

/** What its job was seen as, and what it is seen as now. */
function changeOf(
  kind: SourceKind,
  { row, sight, existed }: Case,
): { before: Sighting | undefined; after: Sighting; adopted: boolean } {
  const before = row.content === null ? undefined : sightingAsOf(kind, row.content);
  return { before, after: (sight as { sighting: Sighting }).sighting, adopted: existed };
}

async function load(transaction: Transaction, ids: readonly number[]): Promise<Map<number, LoadedJob>> {
  const keys = [...new Set(ids)].sort((a, b) => a - b).map((id) => [id]);
  return await loadJobs(transaction, await transaction.read<LoadedRow>(readJobs, keys));
}

function importedOf({ row, created, changed, events }: Case): Imported {
  const problem = row.problem === null ? undefined : (JSON.parse(row.problem) as StoredProblem);
  return { item: row.item, jobId: row.job_id, created, changed, events, problem };
}
