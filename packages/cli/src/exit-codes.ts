/** What the command's exit codes mean; the numbers from 64 on are those of BSD's sysexits.h. */
export const exitCodes = {
  ok: 0,
  /** A watched job failed; `sync` left something; `doctor` found something; a configuration file has problems. */
  failed: 1,
  canceled: 3,
  /** A watched job ended as finished, other or unknown. */
  endedOtherwise: 4,
  usage: 64,
  /** The server refused what was sent; a file or document is no ticket. */
  refused: 65,
  notFound: 66,
  unreachable: 69,
  internal: 70,
  cannotWrite: 73,
  /** The target is busy, or the ticket. */
  busy: 75,
  /** No key, or one that may not do this. */
  noPermission: 77,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodesHelp = `Exit codes of daybook

    0  done; jobs watch: the job succeeded
    1  jobs watch: a job failed; sync: something is left; doctor: something is wrong;
       config: the file has problems; ticket list: a file is no ticket
    3  jobs watch: a job was canceled
    4  jobs watch: a job ended otherwise (finished, other, unknown)
   64  the command line or a setting is wrong
   65  the server refused the request; what was read or was to be written is no ticket
   66  there is no such job, key, ticket, template or file, or you may not see it
   69  there is no server or database, or it does not answer
   70  a fault of daybook itself
   73  a file or folder cannot be written
   75  the target is busy: another job holds it; nothing was run. Or the ticket is:
       somebody else has been writing it for a minute
   77  the API key is missing, wrong, or may not do this
  130  interrupted

daybook run ends as its command does: with its exit code, with 128 + n if signal n
ended it, 126 if it cannot be started, 127 if it was not found. Only if the command
was not run, because its target is busy (75) or the command line is wrong (64), the
code is daybook's own. That the server is away changes nothing.

The command of daybook work tells by its exit code what becomes of its job: 0 succeeded,
75 not now (it goes back to the queue), any other failed.`;
