import { type QueryFieldName, queryFieldOf } from './query-fields.ts';

/** What is being typed at a place in a query: the part that a suggestion would replace. */
export interface QueryCompletion {
  readonly from: number;
  readonly to: number;
  /** The field whose value it is; undefined for a word, which may become the name of a field. */
  readonly field: QueryFieldName | undefined;
  /** What of it stands before the caret, without an opening quote. */
  readonly typed: string;
}

/** Finds what is being typed where the caret stands. */
export function completionAt(text: string, caret: number): QueryCompletion {
  const from = beginOf(text, caret);
  const token = text.slice(from, caret);
  const [, sign = '', name, values = ''] = /^([-(]*)(?:([A-Za-z][A-Za-z-]*):)?(.*)$/s.exec(token) ?? [];
  const field = name === undefined ? undefined : queryFieldOf(name);
  const rest = field === undefined ? token.slice(sign.length) : values;
  const value = field === undefined ? rest : rest.slice(lastComma(rest) + 1);
  const quote = value.startsWith('"') ? 1 : 0;
  return {
    from: caret - value.length,
    to: endOf(text, caret, quote === 1),
    field,
    typed: value.slice(quote),
  };
}

/** Where the token at the caret begins: behind the last white space that is in no quotes. */
function beginOf(text: string, caret: number): number {
  let from = 0;
  let quoted = false;
  for (let at = 0; at < caret; at += 1) {
    const char = text.charAt(at);
    if (char === '"') quoted = !quoted;
    else if (!quoted && /\s/.test(char)) from = at + 1;
  }
  return from;
}

function lastComma(values: string): number {
  let quoted = false;
  let last = -1;
  for (let at = 0; at < values.length; at += 1) {
    if (values.charAt(at) === '"') quoted = !quoted;
    else if (!quoted && values.charAt(at) === ',') last = at;
  }
  return last;
}

function endOf(text: string, caret: number, quoted: boolean): number {
  const found = (quoted ? /"|$/ : /[\s,)]|$/).exec(text.slice(caret));
  return caret + (found?.index ?? 0) + (quoted && found?.[0] === '"' ? 1 : 0);
}
