import type { Fault } from '@daybook/core';

/** Everything that can go wrong with tickets, in words for people; the message names the file. */
export class TicketError extends Error {
  override readonly name: string = 'TicketError';
}

/** There is no such ticket, or no such directory. */
export class TicketMissingError extends TicketError {
  override readonly name = 'TicketMissingError';
}

/** Why a file is no ticket. `content`: broken JSON, or JSON that does not fit the schema; `faults` say where. */
export type TicketProblemReason =
  | 'empty'
  | 'content'
  | 'not_utf8'
  | 'too_large'
  | 'wrong_name'
  | 'not_a_file'
  | 'unreadable';

/** What is wrong with a file. */
export interface TicketProblem {
  /** Its name in the directory of tickets. */
  readonly file: string;
  readonly reason: TicketProblemReason;
  /** For people, without the name of the file. */
  readonly message: string;
  /** Each fault of the content by its path; empty for the other reasons. */
  readonly faults: readonly Fault[];
}

/** Somebody broke the file of a ticket: it cannot be read, or is no ticket. It was left as it is. */
export class TicketBrokenError extends TicketError {
  override readonly name = 'TicketBrokenError';
  readonly problem: TicketProblem;

  constructor(problem: TicketProblem, path: string) {
    super(`${path}: ${problem.message}`);
    this.problem = problem;
  }
}

/** What was to be written is no ticket. Nothing was written. */
export class TicketInvalidError extends TicketError {
  override readonly name = 'TicketInvalidError';
  readonly faults: readonly Fault[];

  constructor(message: string, faults: readonly Fault[] = []) {
    super([message, ...faults.map(faultText)].join('\n  '));
    this.faults = faults;
  }
}

/** Somebody else has held the ticket for all the time that we wanted to wait. Nothing was written. */
export class TicketBusyError extends TicketError {
  override readonly name = 'TicketBusyError';
}

/** The disk does not take it: no rights, no room. Nothing was written. */
export class TicketUnwritableError extends TicketError {
  override readonly name = 'TicketUnwritableError';
}

/** No template is called like the job. */
export class UnknownJobNameError extends TicketError {
  override readonly name = 'UnknownJobNameError';
  readonly known: readonly string[];

  constructor(jobName: string, known: readonly string[], broken: readonly string[]) {
    super(
      [
        `no template is called ${JSON.stringify(jobName)}; there are: ${known.join(', ') || 'none'}`,
        ...broken.map((each) => `this one cannot be used: ${each}`),
      ].join('\n  '),
    );
    this.known = known;
  }
}

/** The call itself makes no sense: no directory is set, a name is no ticket's, there is no such step. */
export class TicketUsageError extends TicketError {
  override readonly name = 'TicketUsageError';
}

/** Why a directory of tickets cannot be read, in words. */
export function directoryError(directory: string, error: unknown): TicketMissingError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? 'is not there' : `cannot be read (${code ?? message})`;
  return new TicketMissingError(`the directory of tickets ${why}: ${directory}`);
}

export function faultText({ path, message }: Fault): string {
  return path === '' ? message : `${path}: ${message}`;
}
