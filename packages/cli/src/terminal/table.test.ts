import { describe, expect, it } from 'vitest';
import { type Column, tableLines } from './table.ts';
import { textWidth } from './text-width.ts';

const table: Column<[number, string, string]>[] = [
  { title: 'id', value: ([id]) => String(id), align: 'right' },
  { title: 'name', value: ([, name]) => name, flexible: true },
  { title: 'status', value: ([, , status]) => status },
];

describe('a table', () => {
  it('is aligned, also with wide characters', () => {
    expect(
      tableLines(
        table,
        [
          [1, '日本', 'ok'],
          [17, 'plain', 'failed'],
        ],
        undefined,
      ),
    ).toEqual(['id  name   status', ' 1  日本   ok', '17  plain  failed']);
  });

  it('fits the terminal by cutting what may be cut', () => {
    const lines = tableLines(table, [[1, 'a very long name that will not fit', 'ok']], 30);
    expect(lines[1]).toBe(' 1  a very long name …  ok');
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(30);
  });

  it('leaves out what is extra, the last first, before a name cannot be read', () => {
    const extras = [
      { title: 'took', value: () => '3 min', extra: true },
      { title: 'user', value: () => 'doea', extra: true },
    ];
    const row: [number, string, string] = [1, 'a name of some twenty-six', 'ok'];
    expect(tableLines([...table, ...extras], [row], 43)[0]).toMatch(/took$/);
    expect(tableLines([...table, ...extras], [row], 36)[0]).toMatch(/status$/);
  });
});
