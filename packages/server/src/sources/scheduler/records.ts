import type { Unread } from './seen.ts';

/** Fields by the name of their column. */
export type Row = Readonly<Record<string, string>>;

export interface Rows {
  readonly rows: readonly Row[];
  readonly unread: readonly Unread[];
}

/**
 * Reads what a scheduler printed with one line per record. Names and directories are whatever users wrote, line breaks
 * too: a record begins with a number and the delimiter, and what lies between two beginnings is one record. Who cannot
 * guess the delimiter cannot write a record of somebody else's job into the name of their own. The last column says the
 * first one again: a record that was pieced together of two has two numbers. What is no record is told, and the others go on.
 */
export function readRows(text: string, delimiter: string, columns: readonly string[]): Rows {
  const rows: Row[] = [];
  const unread: Unread[] = [];
  for (const record of recordsOf(text, delimiter)) {
    const fields = record.split(delimiter);
    if (fields.length === columns.length && fields[0] === fields.at(-1))
      rows.push(Object.fromEntries(columns.map((column, i) => [column, fields[i] ?? ''])));
    else
      unread.push({
        id: /^\d+/.exec(fields[0] ?? '')?.[0],
        problem: {
          code: 'source.problem.unreadableRecord',
          detail: record.slice(0, 200).replaceAll(delimiter, '|'),
        },
      });
  }
  return { rows, unread };
}

function recordsOf(text: string, delimiter: string): string[] {
  const records: string[] = [];
  for (const line of text.split('\n')) {
    const at = line.indexOf(delimiter);
    const begins = at > 0 && /^\d[\w+.[\],%:-]*$/.test(line.slice(0, at));
    if (begins || records.length === 0) records.push(line);
    else records[records.length - 1] += `\n${line}`;
  }
  return records.map((record) => record.trimEnd()).filter((record) => record !== '');
}
