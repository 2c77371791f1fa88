import type { JobSummary } from './job.ts';
import type { QueryContext, QueryLeaf, QueryNode, TermValue } from './query-node.ts';
import { foldTerm, momentOf } from './query-values.ts';
import { hasPhrase, hasWordBeginning, type SearchDocument, searchDocument } from './search-document.ts';
import { isActive, isEnded } from './status.ts';
import { parseInstant } from './time.ts';
import { statusesBeginning, statusesSaid } from './tokenizer.ts';

/** A job, with its base runs where they are known. */
export type QueriedJob = JobSummary & {
  readonly baseRuns?: readonly { readonly externalId: string | null; readonly id: number | null }[];
};

/**
 * True if the job is what the query asks for. The rule that both engines follow; a property test compares all three.
 * A summary with shortened texts is judged by what it has.
 */
export function matchesQuery(job: QueriedJob, query: QueryNode | undefined, context: QueryContext): boolean {
  if (query === undefined) return true;
  return new Matcher(job, context).holds(query);
}

class Matcher {
  readonly #job: QueriedJob;
  readonly #context: QueryContext;
  readonly #document: SearchDocument;

  constructor(job: QueriedJob, context: QueryContext) {
    this.#job = job;
    this.#context = context;
    this.#document = searchDocument(job, context);
  }

  holds(node: QueryNode): boolean {
    switch (node.kind) {
      case 'and':
        return node.items.every((item) => this.holds(item));
      case 'or':
        return node.items.some((item) => this.holds(item));
      case 'not':
        return !this.holds(node.item);
      default:
        return this.#leaf(node);
    }
  }

  #leaf(leaf: QueryLeaf): boolean {
    const job = this.#job;
    switch (leaf.kind) {
      case 'word':
        return (
          hasWordBeginning(this.#document, leaf.word) || statusesBeginning(leaf.word).includes(job.status)
        );
      case 'phrase':
        return leaf.single
          ? leaf.words.some((word) => this.#hasWord(word))
          : hasPhrase(this.#document, leaf.words);
      case 'status':
        return leaf.values.includes(job.status);
      case 'analysis':
        return leaf.values.includes(job.analysisStatus);
      case 'assessment':
        return leaf.values.includes(job.assessment);
      case 'term':
        return this.#term(leaf);
      case 'step':
        return job.step !== null && leaf.values.includes(job.step);
      case 'part':
        return leaf.texts.some((text) => this.#document[leaf.field].includes(text));
      case 'moment':
        return this.#moment(leaf);
      case 'amount':
        return inRange(this.#amount(leaf.field), leaf.range);
      case 'ids':
        return leaf.ids.includes((leaf.field === 'id' ? job.id : job.parentId) ?? 0);
      case 'base':
        return (job.baseRuns ?? []).some((base) => leaf.values.some((value) => isBase(base, value)));
      case 'flag':
        return this.#flag(leaf.flag);
    }
  }

  #hasWord(word: string): boolean {
    return this.#document.words.includes(`\n${word}\n`) || statusesSaid(word).includes(this.#job.status);
  }

  #term({ field, values }: Extract<QueryLeaf, { kind: 'term' }>): boolean {
    const own = termsOf(this.#job, field).map(foldTerm);
    return values.some(({ text, open }) =>
      own.some((value) => value !== '' && (open ? value.startsWith(text) : value === text)),
    );
  }

  #moment({ field, moment }: Extract<QueryLeaf, { kind: 'moment' }>): boolean {
    const at = momentOf(moment, this.#context) ?? Number.NaN;
    const { submittedAt, endedAt } = this.#job;
    const own = field === 'after' || field === 'before' ? submittedAt : endedAt;
    if (own === null) return false;
    return field === 'after' || field === 'ended-after' ? parseInstant(own) >= at : parseInstant(own) < at;
  }

  #amount(field: 'duration' | 'progress'): number | undefined {
    const { progress, startedAt, endedAt } = this.#job;
    if (field === 'progress') return progress;
    if (startedAt === null) return undefined;
    return (endedAt === null ? this.#context.now : parseInstant(endedAt)) - parseInstant(startedAt);
  }

  #flag(flag: Extract<QueryLeaf, { kind: 'flag' }>['flag']): boolean {
    switch (flag) {
      case 'mine':
        return this.#job.user !== null && this.#job.user === this.#context.me;
      case 'scheduled':
        return this.#isScheduled();
      case 'stalled':
        return this.#job.stalled;
      case 'active':
        return isActive(this.#job.status);
      case 'ended':
        return isEnded(this.#job.status);
    }
  }

  #isScheduled(): boolean {
    const { status, runAfter } = this.#job;
    return status === 'queued' && runAfter !== null && parseInstant(runAfter) > this.#context.now;
  }
}

function isBase(
  { id, externalId }: NonNullable<QueriedJob['baseRuns']>[number],
  { text, open }: TermValue,
): boolean {
  if (text.startsWith('#')) return id === Number(text.slice(1));
  // A base run may have no external id.
  return open ? (externalId ?? '').startsWith(text) : externalId === text;
}

function termsOf(job: QueriedJob, field: Extract<QueryLeaf, { kind: 'term' }>['field']): string[] {
  switch (field) {
    case 'tag':
      return [...job.tags];
    case 'configuration':
      return job.configuration === null ? [] : [job.configuration.tag];
    case 'external':
      return job.externalId === null ? [] : [job.externalId];
    default: {
      const value = job[field];
      return value === null ? [] : [value];
    }
  }
}

function inRange(
  value: number | undefined,
  { min, max, minExcluded, maxExcluded }: Extract<QueryLeaf, { kind: 'amount' }>['range'],
): boolean {
  if (value === undefined) return false;
  if (min !== undefined && (minExcluded ? value <= min : value < min)) return false;
  return !(max !== undefined && (maxExcluded ? value >= max : value > max));
}
