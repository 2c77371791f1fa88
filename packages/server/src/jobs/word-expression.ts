import {
  customerTerm,
  cutWord,
  foldTerm,
  type JobFilter,
  type QueryNode,
  type Scope,
  statusesBeginning,
  statusesSaid,
  termWord,
} from '@daybook/core';

/**
 * What the index of words can say of a condition: every job that fulfils the condition has these words. It may find
 * more jobs than that; `exact` says that it does not.
 */
export type WordExpression = { readonly exact: boolean } & (
  | {
      readonly kind: 'word';
      readonly word: string /** Any word that begins like this. */;
      readonly open: boolean;
    }
  | { readonly kind: 'all' | 'any'; readonly items: readonly WordExpression[] }
);

export const word = (text: string, open = false, exact = true): WordExpression => ({
  kind: 'word',
  word: text,
  open,
  exact,
});

/** What the index can say of a query; undefined if it can say nothing. */
export function expressionOf(node: QueryNode): WordExpression | undefined {
  switch (node.kind) {
    case 'and': {
      const items = node.items.map(expressionOf);
      const known = items.filter((item) => item !== undefined);
      return all(known, known.length === items.length);
    }
    case 'or': {
      const items = node.items.map(expressionOf);
      return items.some((item) => item === undefined) ? undefined : any(items as WordExpression[]);
    }
    // Statuses are columns: a word that may mean one says nothing.
    case 'word':
      return statusesBeginning(node.word).length > 0 ? undefined : word(node.word, true);
    case 'phrase':
      if (!node.single)
        return all(
          node.words.map((each) => word(each, false)),
          false,
        );
      return node.words.some((each) => statusesSaid(each).length > 0)
        ? undefined
        : any(node.words.map((each) => word(each)));
    case 'term':
      return any(node.values.map(({ text, open }) => word(termWord(node.field, text), open)));
    case 'analysis':
      return terms('analysis', node.values);
    case 'assessment':
      return terms(
        'assessment',
        node.values.map((value) => value ?? 'none'),
      );
    default:
      return undefined;
  }
}

/** What the index can say of the plain filters, each by itself. Their own comparison is exact in case, the index is not. */
export function expressionsOfFilter(filter: JobFilter): WordExpression[] {
  const fields = [
    ['user', filter.user],
    ['solver', filter.solver],
    ['project', filter.project],
    ['kind', filter.kind],
    ['tag', filter.tag],
    ['configuration', filter.configuration],
    ['source', filter.source],
    ['target', filter.target],
    ['external', filter.externalId],
    ['analysis', filter.analysisStatus],
    ['assessment', filter.assessment],
  ] as const;
  return fields.flatMap(([field, values]) => (values === undefined ? [] : [terms(field, values, false)]));
}

/** What the index can say of who may see a job; undefined for those who see all. */
export function expressionOfScope(scope: Scope): WordExpression | undefined {
  // Jobs of no provider have no word for it.
  if (scope.all || scope.customers.some(({ providerId }) => providerId === 0)) return undefined;
  const ways = [
    ...scope.projects.map((project) => term('project', project)),
    ...(scope.providerId === 0 ? [] : [term('provider', String(scope.providerId))]),
    ...scope.customers.map(({ providerId, customer }) =>
      term('customer', customerTerm(providerId, customer)),
    ),
  ];
  return ways.length === 0 ? undefined : any(ways.map((each) => word(each, false, false)));
}

function term(field: Parameters<typeof termWord>[0], value: string): string {
  return termWord(field, cutWord(foldTerm(value)));
}

function terms(
  field: Parameters<typeof termWord>[0],
  values: readonly string[],
  exact = true,
): WordExpression {
  return any(values.map((value) => word(term(field, value), false, exact)));
}

/** Undefined if there are none. */
export function all(items: readonly WordExpression[], exact = true): WordExpression | undefined {
  if (items.length === 0) return undefined;
  return { kind: 'all', items, exact: exact && items.every((item) => item.exact) };
}

/** Finds nothing if there are none. */
export function any(items: readonly WordExpression[]): WordExpression {
  return { kind: 'any', items, exact: items.every((item) => item.exact) };
}

/** The expression in the language of FTS5. */
export function ftsText(expression: WordExpression): string {
  if (expression.kind === 'word')
    return `"${expression.word.replaceAll('"', '""')}"${expression.open ? ' *' : ''}`;
  return `(${expression.items.map(ftsText).join(expression.kind === 'all' ? ' AND ' : ' OR ')})`;
}

/** The expression as a `tsquery`: of words as they are, or as they are kept with any of the beginnings. */
export function tsqueryText(expression: WordExpression, beginnings: readonly string[] = ['']): string {
  if (expression.kind === 'word') {
    const quoted = expression.word.replaceAll('\\', '\\\\').replaceAll("'", "''");
    const ways = beginnings.map((each) => `'${each}${quoted}'${expression.open ? ':*' : ''}`);
    return ways.length === 1 ? ways.join('') : `(${ways.join(' | ')})`;
  }
  const items = expression.items.map((item) => tsqueryText(item, beginnings));
  return `(${items.join(expression.kind === 'all' ? ' & ' : ' | ')})`;
}
