import type { Message } from '../message.ts';

/** What is said about searching: faults of a query, the search box and its help, columns, views, exports. */
export const search = {
  'query.unclosedQuote': 'this quotation has no end: add a "',
  'query.unclosedGroup': 'this parenthesis is not closed',
  'query.unopenedGroup': 'this parenthesis closes nothing',
  'query.emptyGroup': 'there is nothing between these parentheses',
  'query.orAlone': 'OR needs something on both sides',
  'query.unknownField': 'there is no field {name}: use {fields}, or put it in quotes to look for the words',
  'query.missingValue': 'what of {field}? Write the value directly behind the colon',
  'query.unknownValue': '{field} cannot be {value}: use {values}',
  'query.badMoment': '{value} is no time: write 2026-01-31, today, yesterday, or how long ago (7d, 12h)',
  'query.badAmount': '{value} is no amount: write for example {example}',
  'query.badId': '{value} is no id: {field} takes numbers',
  'query.tooMany': 'these are too many words: {count} at most',
  'query.tooDeep': 'these parentheses are nested too deeply',
} as const satisfies Record<string, Message>;
