import { test } from 'vitest';
import { killWhileImporting } from './source-kill.ts';

test(
  'killed while it imports, the server tells every change exactly once',
  () => killWhileImporting(3, 20),
  400_000,
);
