import { inject, test } from 'vitest';
import { budget } from '../bed/budget.ts';
import { killWhileImporting } from './source-kill.ts';

test.each(['sqlite', 'postgres'] as const)(
  'killed again and again while it imports, the server tells every change exactly once: %s',
  async (engine) => {
    await killWhileImporting(budget(4, 25), 18, engine === 'postgres' ? inject('postgresUrl') : undefined);
  },
  900_000,
);
