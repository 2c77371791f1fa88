import {
  type AmountField,
  type Flag,
  type MomentField,
  type QueryFieldName,
  queryFields,
} from './query-fields.ts';
import type { AmountRange, QueryLeaf, TermValue } from './query-node.ts';
import { activeStatuses, endedStatuses, type JobStatus, jobStatuses } from './status.ts';
import { parseDuration, parseInstant, parseLocalTime } from './time.ts';
import { cutWord, foldWord, statusesBeginning, statusesSaid } from './tokenizer.ts';
import { type Assessment, analysisStatuses, assessments } from './verdict.ts';

/** A value behind a field, as it was written. */
export interface RawValue {
  readonly text: string;
  readonly quoted: boolean;
  readonly from: number;
  readonly to: number;
}

/** What is wrong with a value: the key of its message behind `query.`, and parameters. */
export interface ValueFault {
  readonly value: RawValue;
  readonly fault: 'unknownValue' | 'badMoment' | 'badAmount' | 'badId';
  readonly parameters: Record<string, string>;
}

type Read = QueryLeaf | ValueFault;

/** Makes the leaf of a field and its values, or says which value is none of the field's. */
export function readField(field: QueryFieldName, values: readonly RawValue[], text: string): Read {
  const { form } = queryFields[field];
  switch (form) {
    case 'choice':
      return readChoice(field as 'status' | 'analysis' | 'assessment', values, text);
    case 'term':
      return { kind: 'term', field: field as never, values: values.map(termValue), text };
    case 'part':
      return {
        kind: 'part',
        field: field as never,
        texts: values.map((value) => foldTerm(value.text)),
        text,
      };
    case 'step':
      return { kind: 'step', values: values.map((value) => storable(value.text)), text };
    case 'moment':
      return readMoment(field as MomentField, values, text);
    case 'amount':
      return readAmount(field as AmountField, values, text);
    case 'ids':
      return readIds(field as 'id' | 'parent', values, text);
    case 'base':
      return readBases(values, text);
    case 'flag':
      return readFlag(values, text);
  }
}

function termValue({ text, quoted }: RawValue): TermValue {
  const open = !quoted && text.endsWith('*');
  return { text: cutWord(foldTerm(open ? text.slice(0, -1) : text)), open };
}

/** Folded, and without the characters that neither engine could hold. */
export function foldTerm(text: string): string {
  return foldWord(text)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}

/** People write `not-ok`, `not ok` and `nok`. */
function choiceWord(text: string): string {
  const word = text.toLowerCase().replace(/[\s-]+/g, '_');
  return word === 'nok' ? 'not_ok' : word === 'cancelled' ? 'canceled' : word;
}

function readChoice(
  field: 'status' | 'analysis' | 'assessment',
  values: readonly RawValue[],
  text: string,
): Read {
  const known: readonly string[] = queryFields[field].values;
  const wrong = values.find(
    ({ text }) =>
      !known.includes(choiceWord(text)) && (field !== 'status' || statusesCalled(text).length === 0),
  );
  if (wrong !== undefined)
    return {
      value: wrong,
      fault: 'unknownValue',
      parameters: { field, value: wrong.text, values: known.join(', ') },
    };
  const words = values.map((value) => choiceWord(value.text));
  switch (field) {
    case 'status':
      return { kind: 'status', values: statusesMeant(values), text };
    case 'analysis':
      return { kind: 'analysis', values: analysisStatuses.filter((each) => words.includes(each)), text };
    case 'assessment': {
      const said: (Assessment | null)[] = assessments.filter((each) => words.includes(each));
      return { kind: 'assessment', values: words.includes('none') ? [...said, null] : said, text };
    }
  }
}

/** In the order in which they are listed. */
function statusesMeant(values: readonly RawValue[]): JobStatus[] {
  const words = values.map((value) => choiceWord(value.text));
  const meant = new Set<string>([
    ...words,
    ...(words.includes('active') ? activeStatuses : []),
    ...(words.includes('ended') ? endedStatuses : []),
    ...values.flatMap(({ text }) => statusesCalled(text)),
  ]);
  return jobStatuses.filter((status) => meant.has(status));
}

/** The statuses that the old diary called so, in one whole word (`pending`) or in several that are cut (`norm term`). */
function statusesCalled(text: string): JobStatus[] {
  const words = text
    .toLowerCase()
    .split(/[\s_-]+/)
    .filter(Boolean);
  const [first = '', ...others] = words;
  if (others.length === 0) return statusesSaid(first);
  return statusesBeginning(first).filter((status) =>
    others.every((word) => statusesBeginning(word).includes(status)),
  );
}

function readMoment(field: MomentField, values: readonly RawValue[], text: string): Read {
  const [value, second] = values;
  const wrong = second ?? value;
  if (second !== undefined || momentOf(value?.text ?? '', { now: 0, timeZone: 'UTC' }) === undefined)
    return { value: wrong as RawValue, fault: 'badMoment', parameters: { value: wrong?.text ?? '' } };
  return { kind: 'moment', field, moment: value?.text ?? '', text };
}

/**
 * Reads a moment: an instant (`2026-01-31T12:00:00Z`), what a clock in the zone showed (`2026-01-31 12:00`), a day (its
 * beginning), `today`, `yesterday`, or how long ago (`7d`, `90m`). Milliseconds; undefined if it is none of these.
 */
export function momentOf(
  text: string,
  { now, timeZone }: { now: number; timeZone: string },
): number | undefined {
  const word = text.trim().toLowerCase();
  if (word === 'now') return now;
  if (word === 'today' || word === 'yesterday') return dayBegin(now, timeZone, word === 'today' ? 0 : 1);
  const readers = [
    () => parseLocalTime(text.trim(), timeZone),
    () => parseInstant(text.trim()),
    () => now - parseDuration(word),
  ];
  for (const read of readers) {
    try {
      return read();
    } catch {
      // Another form, or none.
    }
  }
  return undefined;
}

function dayBegin(now: number, timeZone: string, daysBefore: number): number {
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(now);
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const wanted = new Date(Date.UTC(year, month - 1, date - daysBefore)).toISOString().slice(0, 10);
  return parseLocalTime(wanted, timeZone);
}

function readAmount(field: AmountField, values: readonly RawValue[], text: string): Read {
  const [value, second] = values;
  const range = second === undefined ? rangeOf(field, value?.text ?? '') : undefined;
  if (range === undefined) {
    const wrong = (second ?? value) as RawValue;
    return {
      value: wrong,
      fault: 'badAmount',
      parameters: { value: wrong.text, example: queryFields[field].example },
    };
  }
  return { kind: 'amount', field, range, text };
}

function rangeOf(field: AmountField, text: string): AmountRange | undefined {
  const between = /^(.*?)\.\.(.*)$/.exec(text);
  if (between !== null) {
    const [min, max] = [amountOf(field, between[1] ?? ''), amountOf(field, between[2] ?? '')];
    return min === undefined || max === undefined ? undefined : { min, max };
  }
  const [, operator = '=', rest = ''] = /^(>=|<=|>|<|=)?(.*)$/.exec(text) ?? [];
  const amount = amountOf(field, rest);
  if (amount === undefined) return undefined;
  switch (operator) {
    case '>':
      return { min: amount, minExcluded: true };
    case '>=':
      return { min: amount };
    case '<':
      return { max: amount, maxExcluded: true };
    case '<=':
      return { max: amount };
    default:
      return { min: amount, max: amount };
  }
}

function amountOf(field: AmountField, text: string): number | undefined {
  if (field === 'progress') return /^\d{1,3}(\.\d{1,6})?%?$/.test(text) ? Number.parseFloat(text) : undefined;
  try {
    return parseDuration(text);
  } catch {
    return undefined;
  }
}

function readIds(field: 'id' | 'parent', values: readonly RawValue[], text: string): Read {
  const wrong = values.find((value) => !/^#?\d{1,15}$/.test(value.text));
  if (wrong !== undefined) return { value: wrong, fault: 'badId', parameters: { field, value: wrong.text } };
  return { kind: 'ids', field, ids: values.map((value) => Number(value.text.replace('#', ''))), text };
}

function readBases(values: readonly RawValue[], text: string): Read {
  const wrong = values.find((value) => /^#/.test(value.text) && !/^#\d{1,15}$/.test(value.text));
  if (wrong !== undefined)
    return { value: wrong, fault: 'badId', parameters: { field: 'base', value: wrong.text } };
  return { kind: 'base', values: values.map(baseValue), text };
}

function baseValue({ text, quoted }: RawValue): TermValue {
  const open = !quoted && text.endsWith('*');
  return { text: storable(open ? text.slice(0, -1) : text), open };
}

/** Without what PostgreSQL does not take. */
function storable(text: string): string {
  return text.replace(/\p{Cc}/gu, '').toWellFormed();
}

function readFlag(values: readonly RawValue[], text: string): Read {
  const known: readonly string[] = queryFields.is.values;
  const [value, second] = values;
  const wrong = second ?? value;
  if (second !== undefined || !known.includes(value?.text.toLowerCase() ?? ''))
    return {
      value: wrong as RawValue,
      fault: 'unknownValue',
      parameters: { field: 'is', value: wrong?.text ?? '', values: known.join(', ') },
    };
  return { kind: 'flag', flag: value?.text.toLowerCase() as Flag, text };
}
