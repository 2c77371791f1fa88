import { parseQuery, QueryError, type QueryNode } from '@daybook/core';

/** A query as far as it can be read: what it asks for, or what is wrong with it. */
export interface ParsedQuery {
  readonly root: QueryNode | undefined;
  readonly fault: QueryError | undefined;
}

let known: { readonly text: string; readonly result: ParsedQuery } | undefined;

/** Reads a query; the last one is remembered, because every row of a list is held against it. */
export function parsed(text: string): ParsedQuery {
  if (known?.text !== text) known = { text, result: read(text) };
  return known.result;
}

function read(text: string): ParsedQuery {
  try {
    return { root: parseQuery(text), fault: undefined };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { root: undefined, fault: error };
  }
}
