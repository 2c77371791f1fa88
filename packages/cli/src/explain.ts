import { DaybookError } from '@daybook/core';
import {
  DaybookApiError,
  DaybookUnreachableError,
  DaybookUsageError,
  TicketBrokenError,
  TicketBusyError,
  TicketError,
  TicketInvalidError,
  TicketMissingError,
  TicketUnwritableError,
  UnknownJobNameError,
} from '@daybook/sdk';
import { type ExitCode, exitCodes } from './exit-codes.ts';

/** An error of the command line itself, in words for people. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = exitCodes.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What to say about an error, and how to end; undefined for a fault of ours. */
export function explain(error: unknown): { message: string; exitCode: ExitCode } | undefined {
  if (error instanceof CommandError) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof DaybookUsageError) return { message: error.message, exitCode: exitCodes.usage };
  if (error instanceof DaybookUnreachableError)
    return { message: explainUnreachable(error), exitCode: exitCodes.unreachable };
  if (error instanceof DaybookApiError) return explainRefusal(error);
  if (error instanceof DaybookError && error.code === 'unavailable') return explainNoDatabase(error);
  if (error instanceof TicketError) return { message: error.message, exitCode: ticketExitCode(error) };
  return undefined;
}

function ticketExitCode(error: TicketError): ExitCode {
  if (error instanceof TicketMissingError || error instanceof UnknownJobNameError) return exitCodes.notFound;
  if (error instanceof TicketBrokenError || error instanceof TicketInvalidError) return exitCodes.refused;
  if (error instanceof TicketUnwritableError) return exitCodes.cannotWrite;
  return error instanceof TicketBusyError ? exitCodes.busy : exitCodes.usage;
}

function explainUnreachable(error: DaybookUnreachableError): string {
  const server = error.url.replace(/\/api\/v1$/, '');
  const message = error.message.replaceAll(error.url, server);
  return error.reason === 'refused'
    ? `${message}; start one with: npm start, or name yours with --url or DAYBOOK_URL`
    : message;
}

/** Of commands that open the database themselves; the cause says where it is, without its password. */
function explainNoDatabase({ message, cause }: DaybookError): { message: string; exitCode: ExitCode } {
  const said =
    cause instanceof Error
      ? `cannot reach ${cause.message}; look at DAYBOOK_DATABASE_URL (--database-url)`
      : message;
  return { message: said, exitCode: exitCodes.unreachable };
}

function explainRefusal(error: DaybookApiError): { message: string; exitCode: ExitCode } {
  switch (error.code) {
    case 'unauthenticated':
    case 'invalid_credentials':
    case 'key_expired':
    case 'key_revoked':
      return { message: `${error.message} ${keyAdvice(error)}`, exitCode: exitCodes.noPermission };
    case 'forbidden':
      return { message: error.message, exitCode: exitCodes.noPermission };
    case 'not_found':
      return { message: error.message, exitCode: exitCodes.notFound };
    case 'target_busy':
      return { message: error.message, exitCode: exitCodes.busy };
    default:
      return {
        message: error.message,
        exitCode: error.status >= 500 ? exitCodes.unreachable : exitCodes.refused,
      };
  }
}

function keyAdvice(error: DaybookApiError): string {
  const stop = /[.!]$/.test(error.message) ? '' : '.';
  return `${stop} Make a key where the server runs (daybook key create --name me --role provider) and set DAYBOOK_API_KEY.`.trimStart();
}
