import type { TermField } from './query-fields.ts';
import { foldTerm } from './query-values.ts';
import { cutWord, jobWords, proseWords, type WordSource, wordLimits } from './tokenizer.ts';

/** What of a job is searched: {@link WordSource}, and what only fields of the query language ask for. */
export interface SearchSource extends WordSource {
  readonly source?: string | null;
  readonly jobDirectory?: string | null;
  readonly providerId?: number;
  readonly customer?: string | null;
}

/**
 * What a query is held against, as four texts. Both engines look for substrings in them, so each text is written so that
 * a substring can mean one thing only: `words` has a line break before and behind every word, `prose` a space before and
 * behind every word of a text and a line break between texts. Everything is folded. The status is in none of them: it
 * changes too often, and is a column.
 */
export interface SearchDocument {
  readonly words: string;
  readonly prose: string;
  readonly name: string;
  readonly path: string;
}

/** No word that a person can type begins with this, so that a term is found by its field alone. */
const TERM = '\u0001';
/** Stands for a space inside a term: both indexes split at white space. */
const SPACE = '\u0002';

type IndexedField = TermField | 'analysis' | 'assessment' | 'provider' | 'customer';

/** One letter for each field keeps the index small. */
const marks: Readonly<Record<IndexedField, string>> = {
  user: 'u',
  project: 'p',
  kind: 'k',
  tag: 'g',
  solver: 'o',
  configuration: 'c',
  source: 's',
  target: 't',
  operation: 'f',
  external: 'x',
  analysis: 'a',
  assessment: 'r',
  provider: 'v',
  customer: 'w',
};

/** The word under which a value of a field stands in the index. `text` is folded. */
export function termWord(field: IndexedField, text: string): string {
  return `${TERM}${marks[field]}:${text.replaceAll(' ', SPACE)}`;
}

/** Makes the document of a job. `timeZone`: the diary's, in which the submission date is a day. */
export function searchDocument(job: SearchSource, options: { readonly timeZone: string }): SearchDocument {
  const texts = [job.name, job.info, job.summary, ...(job.tags ?? [])].map((text) => proseWords(text ?? ''));
  const words = new Set(jobWords({ ...job, status: null }, options));
  // A name is split otherwise than prose: its words as a phrase has them are words, too.
  for (const word of [texts[0] ?? [], ...texts.slice(3)].flat())
    if (words.size < wordLimits.perJob) words.add(word);
  const prose = texts.map((text) => known(text, words)).filter((text) => text.length > 1);
  for (const term of termsOf(job)) words.add(term);
  return {
    words: `\n${[...words].join('\n')}\n`,
    prose: prose.map((text) => ` ${text.join(' ')} `).join('\n'),
    name: foldTerm(job.name ?? ''),
    path: [...new Set([job.submitDirectory, job.jobDirectory].map((path) => foldTerm(path ?? '')))]
      .filter(Boolean)
      .join('\n'),
  };
}

/** Up to the first word that a very long text has too much: whatever stands side by side is found by its words. */
function known(text: readonly string[], words: ReadonlySet<string>): readonly string[] {
  const end = text.findIndex((word) => !words.has(word));
  return end < 0 ? text : text.slice(0, end);
}

function termsOf(job: SearchSource): Set<string> {
  const terms = new Set<string>();
  const add = (field: IndexedField, value: string | null | undefined) => {
    if (value) terms.add(termWord(field, cutWord(foldTerm(value))));
  };
  add('user', job.user);
  add('project', job.project);
  add('kind', job.kind);
  add('solver', job.solver);
  add('configuration', job.configuration?.tag);
  add('source', job.source);
  add('target', job.target);
  add('operation', job.operation);
  add('external', job.externalId);
  for (const tag of job.tags ?? []) add('tag', tag);
  add('analysis', job.analysisStatus ?? 'open');
  add('assessment', job.assessment ?? 'none');
  if (job.providerId) add('provider', String(job.providerId));
  if (job.providerId && job.customer) add('customer', customerTerm(job.providerId, job.customer));
  return terms;
}

/** Customer ids are per provider. */
export function customerTerm(providerId: number, customer: string): string {
  return `${providerId}/${customer}`;
}

/** True if some word of the job begins like this. */
export function hasWordBeginning({ words }: SearchDocument, beginning: string): boolean {
  return words.includes(`\n${beginning}`);
}

/** True if the text has the words side by side. */
export function hasPhrase({ prose }: SearchDocument, words: readonly string[]): boolean {
  return prose.includes(` ${words.join(' ')} `);
}
