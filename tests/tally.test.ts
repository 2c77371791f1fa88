import { expect, test } from 'vitest';
import {
  closingLine,
  failures,
  oneFailed,
  onePassed,
  sum,
  tallyVitest,
  type VitestReport,
} from '../scripts/tally.ts';

const empty: VitestReport = {
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
};

test('the closing line adds up all parts and names skipped tests only if there are some', () => {
  const tests = tallyVitest({ ...empty, numPassedTests: 40, numPendingTests: 2, numTodoTests: 1 }, 0);
  expect(closingLine(sum([onePassed, oneFailed, tests]))).toBe('41 passed, 1 failed, 3 skipped');
  expect(closingLine(sum([onePassed]))).toBe('1 passed, 0 failed');
});

test('a run that tested nothing, crashed or ended badly has failed', () => {
  expect(tallyVitest(undefined, 0)).toEqual(oneFailed);
  expect(tallyVitest(empty, 0)).toEqual(oneFailed);
  expect(tallyVitest({ ...empty, numPassedTests: 3 }, 1)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  expect(tallyVitest({ ...empty, numPassedTests: 3 }, null)).toEqual({ passed: 3, failed: 1, skipped: 0 });
});

test('a file that could not be loaded is a failure beside the failed tests, and each is named', () => {
  const passed = { status: 'passed', fullName: 'adds' };
  const failed = { status: 'failed', fullName: 'subtracts', failureMessages: ['expected 1\n    to be 2'] };
  const testResults = [
    { name: 'a.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
    { name: 'b.test.ts', status: 'failed', assertionResults: [passed, failed] },
    { name: 'c.test.ts', status: 'passed', assertionResults: [passed] },
  ];
  const report = { ...empty, numPassedTests: 2, numFailedTests: 1, testResults };
  expect(tallyVitest(report, 1)).toEqual({ passed: 2, failed: 2, skipped: 0 });
  expect(failures(report)).toEqual([
    'FAILED a.test.ts: no such module',
    'FAILED b.test.ts > subtracts: expected 1 to be 2',
  ]);
});
