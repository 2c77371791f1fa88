import { accessSync, constants, existsSync, mkdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { release } from '@daybook/core';
import { type Daybook, Journal, listJournals, listRefused, refusedFolder, type Waiting } from '@daybook/sdk';
import { Command } from 'commander';
import { type ClientFlags, openDaybook, withClientFlags } from '../client-settings.ts';
import { exitCodes } from '../exit-codes.ts';
import { explain } from '../explain.ts';
import { paint, print, printJson, type Terminal } from '../terminal/terminal.ts';

interface DoctorFlags extends ClientFlags {
  readonly data?: string;
  readonly json?: boolean;
}

/** One thing that was looked at: what was found, and the way out if it is not well. */
interface Finding {
  readonly ok: boolean;
  readonly about: string;
  readonly found: string;
  readonly advice?: string;
}

const MOST_CLOCK_DIFFERENCE = 5_000;

export function doctorCommand(terminal: Terminal): Command {
  return withClientFlags(new Command('doctor'))
    .description('check what daybook needs: Node, server, key, clock, spool, data directory')
    .option('--data <dir>', "the server's data directory, if this is its machine (DAYBOOK_DATA)")
    .option('--json', 'the findings as JSON')
    .action(async (flags: DoctorFlags) => {
      const findings = await examine(flags, terminal.env);
      if (flags.json) printJson(terminal, { findings });
      else for (const finding of findings) printFinding(finding, terminal);
      process.exitCode = findings.every((finding) => finding.ok) ? exitCodes.ok : exitCodes.failed;
    });
}

async function examine(flags: DoctorFlags, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const daybook = openDaybook(flags, env);
  const server = await examineServer(daybook);
  return [
    examineNode(),
    ...server,
    ...examineSpool(daybook.spoolDirectory),
    ...examineData(flags.data ?? env['DAYBOOK_DATA']),
  ];
}

function examineNode(): Finding {
  return { ok: true, about: 'Node', found: process.version };
}

async function examineServer(daybook: Daybook): Promise<Finding[]> {
  const address = daybook.url.replace(/\/api\/v1$/, '');
  const asked = Date.now();
  try {
    const { session, serverTime } = await daybook.session();
    const { version, engine } = session.server;
    const same = version === release;
    return [
      { ok: true, about: 'server', found: `${address} answers (${engine})` },
      {
        ok: same,
        about: 'version',
        found: same ? version : `server ${version}, this command ${release}`,
        ...(!same && { advice: 'use the same version on both sides' }),
      },
      { ok: true, about: 'API key', found: `${session.name}, ${session.role}` },
      ...(serverTime === undefined ? [] : [examineClock(serverTime, asked, Date.now())]),
    ];
  } catch (error) {
    const why = explain(error)?.message ?? (error instanceof Error ? error.message : String(error));
    const answered = error instanceof Error && error.name === 'DaybookApiError';
    if (!answered)
      return [{ ok: false, about: 'server', found: why, advice: 'records wait in the spool meanwhile' }];
    return [
      { ok: true, about: 'server', found: `${address} answers` },
      { ok: false, about: 'API key', found: daybook.hasKey ? why : 'none is set', advice: keyAdvice },
    ];
  }
}

const keyAdvice =
  'where the server runs: daybook key create --name me --role provider; then set DAYBOOK_API_KEY';

/** The Date header has whole seconds, and the answer took its time: only what neither explains is a difference. */
function examineClock(serverTime: number, asked: number, answered: number): Finding {
  const ahead = Math.max(0, asked - (serverTime + 1_000), serverTime - answered);
  const ok = ahead <= MOST_CLOCK_DIFFERENCE;
  const found = ok ? 'agrees with the server' : `differs from the server's by ${Math.round(ahead / 1_000)} s`;
  return {
    ok,
    about: 'clock',
    found,
    ...(!ok && { advice: 'set both by NTP; times of events come from this clock' }),
  };
}

function examineSpool(directory: string): Finding[] {
  const findings: Finding[] = [examineSpoolDirectory(directory)];
  const waiting = listJournals(directory)
    .map((path) => Journal.inspect(path))
    .filter((each) => each !== undefined);
  const left = waiting.filter((each) => each.holder === undefined);
  const sendable = left.filter((each) => each.refused === undefined);
  findings.push(examineRecords(waiting.length - left.length, sendable));
  return [...findings, ...examineRefused(directory, left.length - sendable.length)];
}

/** `unmoved`: records that are refused and were not set aside, since their process was killed. */
function examineRefused(directory: string, unmoved: number): Finding[] {
  const folder = refusedFolder(directory);
  const records = unmoved + listJournals(folder).length;
  const events = listRefused(directory).length;
  const findings: Finding[] = [];
  if (records > 0) {
    const advice = 'daybook sync says why; --refused sends them again, --discard FILE removes one';
    findings.push({ ok: false, about: 'refused', found: `${records} in ${folder}`, advice });
  }
  if (events > 0) {
    const found = `single events of ${events} records, in ${join(directory, '*.refused')}`;
    const advice = 'each line there says why; daybook sync --discard FILE removes one';
    findings.push({ ok: false, about: 'refused', found, advice });
  }
  return findings;
}

function examineRecords(held: number, left: readonly Waiting[]): Finding {
  const own = held === 0 ? '' : ` (${held} more of running jobs are on their way)`;
  if (left.length === 0) return { ok: true, about: 'records', found: `none wait${own}` };
  const events = left.reduce((total, each) => total + each.events, 0);
  const found = `${left.length} wait with ${events} events${own}`;
  return { ok: false, about: 'records', found, advice: 'send them with: daybook sync' };
}

function examineSpoolDirectory(directory: string): Finding {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const probe = join(directory, `.doctor-${process.pid}`);
    writeFileSync(probe, '');
    unlinkSync(probe);
    return { ok: true, about: 'spool', found: `${directory} can be written` };
  } catch (error) {
    const found = `${directory} cannot be written (${(error as NodeJS.ErrnoException).code})`;
    return { ok: false, about: 'spool', found, advice: 'name another with DAYBOOK_SPOOL_DIRECTORY' };
  }
}

/** Only the server's machine has one, so that there is none is no fault unless it was named. */
function examineData(named: string | undefined): Finding[] {
  const directory = resolve(named ?? '.daybook');
  if (!existsSync(directory)) {
    if (named === undefined) return [];
    return [
      {
        ok: false,
        about: 'data',
        found: `${directory} is not there`,
        advice: 'npm start makes it, or name another with --data',
      },
    ];
  }
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return [
      {
        ok: false,
        about: 'data',
        found: `${directory} cannot be written`,
        advice: 'run as the user that the server runs as',
      },
    ];
  }
  const open = process.platform !== 'win32' && (statSync(directory).mode & 0o077) !== 0;
  const finding = {
    ok: !open,
    about: 'data',
    found: open ? `${directory} can be read by others` : directory,
  };
  return [open ? { ...finding, advice: `chmod 700 ${directory}` } : finding];
}

function printFinding({ ok, about, found, advice }: Finding, terminal: Terminal): void {
  const mark = ok ? paint(terminal.stdout, 'green', '✓') : paint(terminal.stdout, 'red', '✗');
  print(terminal, `${mark} ${about.padEnd(9)} ${found}`);
  if (advice !== undefined) print(terminal, `            ${advice}`);
}
