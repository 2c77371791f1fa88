import type { ConfigurationProblem, Fault } from '@daybook/core';

/** The server refused what was sent; `detail` says why, in its words. */
export class TrackerApiError extends Error {
  override readonly name: string = 'TrackerApiError';
  readonly status: number;
  readonly detail: string;
  /** What was wrong where, if a body was. */
  readonly faults: readonly Fault[];

  constructor(status: number, detail: string, faults: readonly Fault[] = []) {
    super(`${status}: ${detail}`);
    this.status = status;
    this.detail = detail;
    this.faults = faults;
  }
}

/** The API key is missing, wrong, expired, or may not do this. */
export class TrackerKeyError extends TrackerApiError {
  override readonly name = 'TrackerKeyError';
}

/** A configuration file that cannot be used; `problems` has every one, with line and column. */
export class ConfigurationFileError extends Error {
  override readonly name = 'ConfigurationFileError';
  readonly file: string;
  readonly problems: readonly ConfigurationProblem[];

  constructor(file: string, problems: readonly ConfigurationProblem[]) {
    super(
      [`${file} cannot be used:`, ...problems.map((each) => configurationProblemText(file, each))].join(
        '\n  ',
      ),
    );
    this.file = file;
    this.problems = problems;
  }
}

/** A problem as editors and terminals make links of it: `FILE:LINE:COLUMN: PATH: what is wrong`. */
export function configurationProblemText(
  file: string,
  { line, column, path, message }: ConfigurationProblem,
): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}
