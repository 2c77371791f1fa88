import { jobStatuses } from './status.ts';
import { analysisStatuses, assessments } from './verdict.ts';

/**
 * The fields of the query language, once: the parser, the suggestions, the help in the browser and the table in the
 * manual are all made from here.
 */

/** What is known of a field. */
export interface QueryField {
  /** How its values are read. */
  readonly form: 'choice' | 'term' | 'part' | 'step' | 'moment' | 'amount' | 'ids' | 'base' | 'flag';
  /** The values that there are, where they are few. */
  readonly values?: readonly string[];
  readonly example: string;
}

export const queryFields = {
  status: { form: 'choice', values: [...jobStatuses, 'active', 'ended'], example: 'status:failed,canceled' },
  analysis: { form: 'choice', values: analysisStatuses, example: 'analysis:open' },
  assessment: { form: 'choice', values: [...assessments, 'none'], example: 'assessment:none' },
  user: { form: 'term', example: 'user:doea' },
  project: { form: 'term', example: 'project:3001234' },
  kind: { form: 'term', example: 'kind:simulation' },
  tag: { form: 'term', example: 'tag:PAB' },
  solver: { form: 'term', example: 'solver:ls*' },
  configuration: { form: 'term', example: 'configuration:my_job' },
  source: { form: 'term', example: 'source:cluster' },
  target: { form: 'term', example: 'target:MY_DATASET' },
  operation: { form: 'term', example: 'operation:ADD' },
  external: { form: 'term', example: 'external:1234567' },
  step: { form: 'step', example: 'step:solve' },
  name: { form: 'part', example: 'name:sled' },
  path: { form: 'part', example: 'path:"/run 7/"' },
  id: { form: 'ids', example: 'id:17,18' },
  parent: { form: 'ids', example: 'parent:17' },
  base: { form: 'base', example: 'base:1234567' },
  after: { form: 'moment', example: 'after:2026-01-01' },
  before: { form: 'moment', example: 'before:yesterday' },
  'ended-after': { form: 'moment', example: 'ended-after:7d' },
  'ended-before': { form: 'moment', example: 'ended-before:2026-02-01' },
  duration: { form: 'amount', example: 'duration:>2h' },
  progress: { form: 'amount', example: 'progress:>=50' },
  is: { form: 'flag', values: ['mine', 'scheduled', 'stalled', 'active', 'ended'], example: 'is:mine' },
} as const satisfies Record<string, QueryField>;

export type QueryFieldName = keyof typeof queryFields;
type OfForm<Form> = {
  [Name in QueryFieldName]: (typeof queryFields)[Name]['form'] extends Form ? Name : never;
}[QueryFieldName];
export type TermField = OfForm<'term'>;
export type PartField = OfForm<'part'>;
export type MomentField = OfForm<'moment'>;
export type AmountField = OfForm<'amount'>;
export type ChoiceField = OfForm<'choice'>;
export type Flag = (typeof queryFields)['is']['values'][number];

export const queryFieldNames = Object.keys(queryFields) as QueryFieldName[];

/** Other names under which people look for a field. */
const aliases: Readonly<Record<string, QueryFieldName>> = {
  analysisstatus: 'analysis',
  config: 'configuration',
  externalid: 'external',
  dir: 'path',
  tags: 'tag',
};

/** The field of that name, in whatever case it is written. */
export function queryFieldOf(name: string): QueryFieldName | undefined {
  const lower = name.toLowerCase();
  if (Object.hasOwn(queryFields, lower)) return lower as QueryFieldName;
  // Every object has a `constructor`: that is none of our names.
  return Object.hasOwn(aliases, lower) ? aliases[lower] : undefined;
}
