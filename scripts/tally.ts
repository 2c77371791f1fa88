/** How many checks passed, failed and were skipped. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const nothing: Tally = { passed: 0, failed: 0, skipped: 0 };
export const onePassed: Tally = { ...nothing, passed: 1 };
export const oneFailed: Tally = { ...nothing, failed: 1 };

export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }),
    nothing,
  );
}

/** The closing line: programs read it, so its form never changes. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** What we read of the report that Vitest's JSON reporter writes. */
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** A line for every test that failed and every file that could not be loaded: what to read when the rest of a long log is gone. */
export function failures({ testResults }: VitestReport): string[] {
  return testResults.flatMap(({ name, status, message = '', assertionResults }) => {
    if (status === 'failed' && assertionResults.length === 0)
      return [`FAILED ${name}: ${inOneLine(message)}`];
    return assertionResults
      .filter((each) => each.status === 'failed')
      .map(
        ({ fullName, failureMessages = [] }) =>
          `FAILED ${name} > ${fullName}: ${inOneLine(failureMessages[0] ?? '')}`,
      );
  });
}

const inOneLine = (text: string) => text.replaceAll(/\s+/g, ' ').slice(0, 500);

/**
 * Counts a run of Vitest. A file that could not be loaded counts as one failure, and so does a run that ended badly
 * (a rejection nobody awaited, a crash, no test at all) although no test failed: a run that tests nothing must not
 * look like success.
 */
export function tallyVitest(report: VitestReport | undefined, exitCode: number | null): Tally {
  if (!report) return oneFailed;
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + unloaded;
  const ran = report.numPassedTests + failed > 0;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && (exitCode !== 0 || !ran) ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
