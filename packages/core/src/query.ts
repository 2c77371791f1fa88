import { z } from 'zod';
import { QueryError } from './query-error.ts';
import { printQuery, type QueryContext, type QueryNode } from './query-node.ts';
import { parseQuery } from './query-parser.ts';

/** Longest query, UTF-16 code units. */
const LONGEST = 2_000;

/**
 * A query that was read, and who asks it: `is:mine` and `after:7d` mean nothing without. As JSON it is its text.
 */
export class Query {
  readonly root: QueryNode;
  readonly context: QueryContext | undefined;

  constructor(root: QueryNode, context?: QueryContext) {
    this.root = root;
    this.context = context;
  }

  /** The same, asked by somebody. */
  by(context: QueryContext): Query {
    return new Query(this.root, context);
  }

  toString(): string {
    return printQuery(this.root);
  }

  toJSON(): string {
    return this.toString();
  }
}

/** The query language as a parameter: read, with the column of what cannot be. */
export const querySchema = z
  .string()
  .max(LONGEST)
  .transform((text, context): Query | undefined => {
    try {
      const root = parseQuery(text);
      return root === undefined ? undefined : new Query(root);
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      context.addIssue({ code: 'custom', message: `column ${error.from + 1}: ${error.message}` });
      return z.NEVER;
    }
  })
  .meta({
    description: 'The query language: docs/search.md',
    examples: ['status:failed project:3001234 sled'],
  });
