import type { search as english } from '../en/search.ts';
import type { Translation } from '../message.ts';

export const search: Translation<typeof english> = {
  'query.unclosedQuote': 'Dieses Zitat hat kein Ende: Es fehlt ein "',
  'query.unclosedGroup': 'Diese Klammer ist nicht geschlossen',
  'query.unopenedGroup': 'Diese Klammer schließt nichts',
  'query.emptyGroup': 'Zwischen diesen Klammern steht nichts',
  'query.orAlone': 'OR braucht etwas auf beiden Seiten',
  'query.unknownField':
    'Ein Feld {name} gibt es nicht: Es gibt {fields}; in Anführungszeichen wird nach den Worten gesucht',
  'query.missingValue': 'Was von {field}? Der Wert steht direkt hinter dem Doppelpunkt',
  'query.unknownValue': '{field} kann nicht {value} sein: Möglich sind {values}',
  'query.badMoment':
    '{value} ist keine Zeit: Möglich sind 2026-01-31, today, yesterday oder wie lange es her ist (7d, 12h)',
  'query.badAmount': '{value} ist keine Menge: Möglich ist etwa {example}',
  'query.badId': '{value} ist keine Nummer: {field} nimmt Zahlen',
  'query.tooMany': 'Das sind zu viele Worte: höchstens {count}',
  'query.tooDeep': 'Diese Klammern sind zu tief verschachtelt',
};
