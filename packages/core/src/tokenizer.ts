import { type JobStatus, jobStatuses } from './status.ts';
import { localDate } from './time.ts';
import type { AnalysisStatus, Assessment } from './verdict.ts';

/**
 * The one tokenizer: it makes the words of a job that both search engines index, and the words of a query
 * (design.md §7; the rules are those of the CAE Job Diary, with more fields). A query matches when each of its words is
 * the beginning of some word of the job.
 *
 * Words are compared after {@link foldWord}: compatibility-composed (NFKC) and without case. NFKC and not NFC, because
 * text is pasted from PDF and Office (`ﬁ`, full-width digits, no-break spaces) and typed on a keyboard, and because files
 * named on macOS come decomposed; what looks the same has to find each other. Accents keep their meaning: `Muller` does
 * not find `Müller`.
 */

/** Bounds that keep a word inside a `tsvector` lexeme (2,046 bytes) and a job inside a `tsvector` (1 MiB). */
export const wordLimits = {
  /** UTF-16 code units of a word; what is longer is cut, in queries too, so that it still finds itself. */
  length: 255,
  /** Different words of a job. Texts come last, so that a long one never displaces a name. */
  perJob: 10_000,
  /** UTF-16 code units of all words of a job together. */
  total: 200_000,
  /** Words of a query that are looked at; more than anybody types. */
  perQuery: 64,
} as const;

/** What of a job has words. Every field may be absent; a date is milliseconds or ISO 8601. */
export interface WordSource {
  readonly id?: number | string | null;
  readonly externalId?: string | null;
  readonly name?: string | null;
  readonly user?: string | null;
  readonly project?: string | null;
  readonly kind?: string | null;
  readonly solver?: string | null;
  readonly configuration?: { readonly tag: string } | null;
  readonly target?: string | null;
  readonly operation?: string | null;
  readonly tags?: readonly string[] | null;
  readonly status?: JobStatus | null;
  readonly analysisStatus?: AnalysisStatus | null;
  readonly assessment?: Assessment | null;
  readonly submittedAt?: number | string | null;
  readonly submitDirectory?: string | null;
  readonly info?: string | null;
  readonly summary?: string | null;
}

/** Our word for each status, and the words that the old diary showed for it. */
export const statusWords: Readonly<Record<JobStatus, readonly string[]>> = {
  unknown: ['unknown', 'none', 'undefined'],
  queued: ['queued', 'pending'],
  running: ['running'],
  finished: ['finished'],
  succeeded: ['succeeded', 'normal', 'termination'],
  failed: ['failed', 'error', 'termination'],
  other: ['other', 'termination'],
  canceled: ['canceled', 'cancelled'],
};

/** The statuses that a bare word means: some word of theirs, ours or the old diary's, begins like this. */
export function statusesBeginning(beginning: string): JobStatus[] {
  return jobStatuses.filter((status) => statusWords[status].some((word) => word.startsWith(beginning)));
}

/** The statuses that a whole word means. */
export function statusesSaid(word: string): JobStatus[] {
  return jobStatuses.filter((status) => statusWords[status].includes(word));
}

/** `not ok` is two words, and people say it in one. */
const assessmentWords: Readonly<Record<Assessment, readonly string[]>> = {
  ok: ['ok'],
  not_ok: ['not', 'ok', 'nok', 'not_ok'],
  other: ['other'],
  issue: ['issue'],
  obsolete: ['obsolete'],
};

/**
 * The words of a job: folded, each once, none with white space, in a stable order with the short fields first.
 *
 * @param options.timeZone IANA zone in which the submission date is a day (the diary's)
 * @throws InvalidTimeError if the zone is unknown or the date is none
 * @example jobWords({ id: 17, name: 'main_sled.key' }, { timeZone: 'UTC' }) // ['17', 'main_sled.key', 'main', 'sled.key', …]
 */
export function jobWords(job: WordSource, options: { readonly timeZone: string }): string[] {
  const words = new Words();
  words.addAll([
    job.id?.toString(),
    job.externalId,
    job.user,
    job.project,
    job.kind,
    job.solver,
    job.operation,
  ]);
  words.addAll(nameParts(job.name));
  words.addAll(underscoreParts(job.configuration?.tag));
  words.addAll(underscoreParts(job.target));
  for (const tag of job.tags ?? []) words.addAll(tagParts(tag));
  if (job.status) words.addAll(statusWords[job.status]);
  if (job.analysisStatus) words.addAll([job.analysisStatus]);
  if (job.assessment) words.addAll(assessmentWords[job.assessment]);
  if (job.submittedAt != null) words.addAll([dayOf(job.submittedAt, options.timeZone)]);
  for (const folder of foldWord(job.submitDirectory ?? '').split(/[/\\]/))
    words.addAll(underscoreParts(folder));
  words.addText(job.info ?? '');
  words.addText(job.summary ?? '');
  return words.list();
}

function dayOf(at: number | string, timeZone: string): string {
  return localDate(typeof at === 'number' ? at : Date.parse(at), timeZone);
}

/** A name whole, split at `_`, and the same of what stands before and after its last dot. */
function nameParts(name: string | null | undefined): string[] {
  const folded = foldWord(name ?? '');
  const dot = folded.lastIndexOf('.');
  if (dot < 0) return underscoreParts(folded);
  return [folded, folded.slice(0, dot), folded.slice(dot + 1)].flatMap(underscoreParts);
}

/** People write `#validation` and search for either. */
function tagParts(tag: string): string[] {
  const bare = tag.replace(/^#+/, '');
  return bare === tag ? underscoreParts(tag) : [...underscoreParts(tag), ...underscoreParts(bare)];
}

/** Folded before it is split, because a full-width underscore is one too. */
function underscoreParts(text: string | null | undefined): string[] {
  const folded = foldWord(text ?? '');
  return folded.includes('_') ? [folded, ...folded.split('_')] : [folded];
}

/** Collects words until the limits are reached. */
class Words {
  readonly #words = new Set<string>();
  #room: number = wordLimits.total;

  /** Each text is a word as it stands, or several where it has white space: no query word could match across it. */
  addAll(texts: readonly (string | null | undefined)[]): void {
    for (const text of texts) for (const word of foldedWords(text ?? '')) this.#add(word);
  }

  /** Prose: the punctuation around its words is no part of them. */
  addText(text: string): void {
    for (const word of foldedWords(text)) this.#add(stripPunctuation(word));
  }

  #add(word: string): void {
    const cut = cutWord(word);
    if (
      cut === '' ||
      this.#words.size >= wordLimits.perJob ||
      cut.length > this.#room ||
      this.#words.has(cut)
    )
      return;
    this.#words.add(cut);
    this.#room -= cut.length;
  }

  list(): string[] {
    return [...this.#words];
  }
}

/**
 * The words of a query, folded like those of a job; no filter (an empty list) if the query is empty. Punctuation stays:
 * `-v2` looks for a word that begins with a minus.
 */
export function queryWords(query: string): string[] {
  const words = foldedWords(query).map(cutWord);
  return [...new Set(words)].slice(0, wordLimits.perQuery);
}

/** True if every word of the query is the beginning of some word of the job. The rule that both engines must follow. */
export function matchesWords(words: readonly string[], query: string | readonly string[]): boolean {
  const wanted = typeof query === 'string' ? queryWords(query) : query;
  return wanted.every((beginning) => words.some((word) => word.startsWith(beginning)));
}

/**
 * A text in the form in which words are compared: NFKC, no case, control and invisible format characters gone, the same
 * in every locale. JavaScript has no case folding, so each character is lowered, raised and lowered by itself: `ß`, `ẞ`
 * and `SS` meet, and `ς` and `σ` do too; whole strings would make a Greek sigma depend on its neighbours, and a prefix must stay one.
 */
export function foldWord(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  let folded = '';
  for (const character of text.toWellFormed().normalize('NFKC')) folded += foldCharacter(character);
  return folded.normalize('NFKC').replaceAll(INVISIBLE, '');
}

function foldCharacter(character: string): string {
  let folded = '';
  for (const upper of character.toLowerCase().toUpperCase()) folded += upper.toLowerCase();
  return folded;
}

const ASCII = /^[\t\n\r -~]*$/;
/** Soft hyphens, zero-width spaces, direction marks: nobody sees them, so nobody types them. */
const INVISIBLE = /[\p{Cf}\p{Variation_Selector}]+/gu;
/** White space, and control characters: neither engine can hold a NUL. */
const BETWEEN_WORDS = /[\s\p{Cc}]+/u;

/** The folded words of a text. Most are ASCII and need no tables, also in a text that is not. */
function foldedWords(text: string): string[] {
  const words: string[] = [];
  for (const word of text.split(/[\t\n\r ]+/)) {
    if (ASCII.test(word)) {
      if (word !== '') words.push(word.toLowerCase());
    } else {
      // Folded before it is split further: NFKC turns some characters into a space and another.
      words.push(...foldWord(word).split(BETWEEN_WORDS).filter(Boolean));
    }
  }
  return words;
}

/** The words of a text in their order, without the punctuation around them: what a phrase is held against. */
export function proseWords(text: string): string[] {
  return foldedWords(text)
    .map((word) => cutWord(stripPunctuation(word)))
    .filter(Boolean);
}

const PUNCTUATION = new Set('()[]{}!?,."\':;-_');

/** Takes `()[]{}!?,."':;-_` off both ends; inside a word they stay. */
function stripPunctuation(word: string): string {
  let from = 0;
  let to = word.length;
  while (from < to && PUNCTUATION.has(word.charAt(from))) from += 1;
  while (to > from && PUNCTUATION.has(word.charAt(to - 1))) to -= 1;
  return word.slice(from, to);
}

/** A word of at most {@link wordLimits} code units. */
export function cutWord(word: string): string {
  if (word.length <= wordLimits.length) return word;
  const cut = word.slice(0, wordLimits.length);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
