/**
 * What happens to reports when the process ends. When it runs out of work, the last events get a moment to be delivered;
 * on `process.exit()` and on an uncaught error there is no moment, so they are written to the spool, from where the next
 * process or `daybook sync` sends them. No signal handlers: those belong to the script.
 */
interface Ending {
  readonly ended: boolean;
  writeNow(): void;
  flush(): Promise<unknown>;
  report(report: { kind: 'status'; status: 'failed'; message: string }): void;
}

const reporters = new Set<Ending>();
let flushed = false;

export function atExit(reporter: Ending): void {
  if (reporters.size === 0) {
    process.on('beforeExit', flushAll);
    process.on('exit', writeAll);
  }
  reporters.add(reporter);
}

export function noLongerAtExit(reporter: Ending): void {
  if (!reporters.delete(reporter) || reporters.size > 0) return;
  process.off('beforeExit', flushAll);
  process.off('exit', writeAll);
}

function flushAll(): void {
  // `beforeExit` comes again after the work that it started; a second flush would wait for the same server again.
  if (flushed) return;
  flushed = true;
  for (const reporter of reporters) void reporter.flush();
}

function writeAll(code: number): void {
  for (const reporter of reporters) {
    if (code !== 0 && !reporter.ended) {
      reporter.report({
        kind: 'status',
        status: 'failed',
        message: `the process ended with exit code ${code}`,
      });
    }
    reporter.writeNow();
  }
}
