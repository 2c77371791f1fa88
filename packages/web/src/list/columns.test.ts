import { expect, test } from 'vitest';
import { type ColumnName, gridOf, moved, toggled } from './columns.ts';
import { readSearch, writeSearch } from './search.ts';

test('the order of the address is the order of the columns', () => {
  const search = readSearch({ columns: 'user,project,nonsense,toString,status,user' });
  expect(search.columns).toEqual(['user', 'project', 'status']);
  expect(writeSearch(search)).toEqual({ columns: 'user,project,status' });
});

test('a column moves by one place, and not beyond the ends; a new one comes last', () => {
  const shown: readonly ColumnName[] = ['user', 'project', 'status'];
  expect(moved(shown, 'status', -1)).toEqual(['user', 'status', 'project']);
  expect(moved(shown, 'user', 1)).toEqual(['project', 'user', 'status']);
  expect(moved(shown, 'user', -1)).toEqual(shown);
  expect(moved(shown, 'status', 1)).toEqual(shown);
  expect(moved(shown, 'kind', 1)).toEqual(shown);
  expect(toggled(shown, 'kind')).toEqual(['user', 'project', 'status', 'kind']);
  expect(toggled(shown, 'project')).toEqual(['user', 'status']);
});

test('columns of text share the room that is left', () => {
  expect(gridOf(['user', 'note'])).toBe('76px minmax(160px, 3fr)');
});
