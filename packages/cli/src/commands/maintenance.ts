import {
  formatMoment,
  InvalidTimeError,
  type MaintenanceEntry,
  type MaintenanceStatus,
  parseDuration,
  parseInstant,
  toIso,
  translator,
} from '@daybook/core';
import { Command, InvalidArgumentError } from 'commander';
import { type ClientFlags, openDaybook, withClientFlags } from '../client-settings.ts';
import { collect } from '../collect.ts';
import { type Column, tableLines } from '../terminal/table.ts';
import { columnsOf, paint, print, printJson, type Terminal } from '../terminal/terminal.ts';
import { printable } from '../terminal/text-width.ts';

interface Flags extends ClientFlags {
  readonly json?: boolean;
}

interface OnFlags extends Flags {
  readonly reason: string;
  readonly from?: string;
  readonly until?: string;
  readonly configuration: readonly string[];
}

export function maintenanceCommand(terminal: Terminal): Command {
  const open = (flags: ClientFlags) => openDaybook(flags, terminal.env).maintenance;
  const maintenance = new Command('maintenance').description('pause the queue and let it go on');

  withFlags(maintenance.command('on'))
    .description('pause: no job is handed out to workers; what runs goes on')
    .requiredOption('--reason <text>', 'why; everybody is told')
    .option(
      '--from <time>',
      'when it begins: 2h from now is 2h, or 2026-01-31T18:00:00Z; now when left out',
      moment,
    )
    .option('--until <time>', 'when it ends by itself, likewise; when you say so when left out', moment)
    .option('--configuration <tag>', 'only jobs of this configuration (again for more)', collect, [])
    .action(async (flags: OnFlags) => {
      const { reason, from, until, configuration } = flags;
      const status = await open(flags).change({
        paused: true,
        reason,
        ...(from !== undefined && { startsAt: from }),
        ...(until !== undefined && { endsAt: until }),
        ...(configuration.length > 0 && { configurations: [...configuration] }),
      });
      show(status, flags, terminal);
    });

  withFlags(maintenance.command('off'))
    .description(
      'let work go on: ends every pause that counts now, or the one of this number, also one to come',
    )
    .argument('[id]', 'number of a pause', pauseId)
    .option('--reason <text>', 'what became of it', 'maintenance is over')
    .action(async (id: number | undefined, flags: Flags & { readonly reason: string }) => {
      const api = open(flags);
      const { reason } = flags;
      show(await (id === undefined ? api.change({ paused: false, reason }) : api.end(id)), flags, terminal);
    });

  withFlags(maintenance.command('status'))
    .description('what is paused, and what will be')
    .action(async (flags: Flags) => show(await open(flags).status(), flags, terminal));

  withFlags(maintenance.command('history'))
    .description('every pause and resumption, the newest first')
    .option('--limit <n>', 'how many', limit, 25)
    .action(async (flags: Flags & { readonly limit: number }) => {
      const page = await open(flags).history({ limit: flags.limit });
      if (flags.json) printJson(terminal, page);
      else table(page.items, terminal);
    });

  return maintenance;
}

function withFlags(command: Command): Command {
  return withClientFlags(command).option('--json', 'the answer of the API');
}

function show(status: MaintenanceStatus, flags: Flags, terminal: Terminal): void {
  if (flags.json) {
    printJson(terminal, status);
    return;
  }
  const { all, scheduled } = status;
  print(terminal, all.length === 0 ? 'work goes on' : 'paused');
  if (all.length + scheduled.length > 0) table([...all, ...scheduled], terminal);
}

function table(entries: readonly MaintenanceEntry[], terminal: Terminal): void {
  const columns: Column<MaintenanceEntry>[] = [
    { title: 'ID', value: (entry) => String(entry.id), align: 'right' },
    { title: 'STATE', value: (entry) => entry.state ?? 'work goes on' },
    { title: 'REASON', value: (entry) => printable(entry.reason), flexible: true },
    { title: 'BY', value: (entry) => printable(entry.by), flexible: true },
    { title: 'FROM', value: (entry) => when(entry.startsAt) },
    { title: 'UNTIL', value: (entry) => when(entry.endedAt ?? entry.endsAt) },
    { title: 'OF', value: (entry) => printable(whatIsPaused(entry)), flexible: true },
  ];
  const title = (text: string) => paint(terminal.stdout, 'dim', text);
  for (const line of tableLines(columns, entries, columnsOf(terminal.stdout), title)) print(terminal, line);
}

const t = translator('en');

/** By the clock on the wall of whoever reads it. */
function when(iso: string | null): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return iso === null ? '' : formatMoment(Date.parse(iso), t, timeZone);
}

function whatIsPaused({ paused, configurations }: MaintenanceEntry): string {
  return paused ? (configurations?.join(', ') ?? 'all') : '';
}

/** A point in time, or a length of time from now on, as ISO 8601. */
function moment(text: string): string {
  try {
    return toIso(
      /^\d{4}-/.test(text) ? parseInstant(text) : Date.now() + parseDuration(text.replace(/^in /, '')),
    );
  } catch (error) {
    if (!(error instanceof InvalidTimeError)) throw error;
    throw new InvalidArgumentError(`${error.message}, or 2026-01-31T18:00:00Z`);
  }
}

function pauseId(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new InvalidArgumentError('Pauses have numbers; see: daybook maintenance status');
  return Number(text);
}

function limit(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text) || Number(text) > 500) throw new InvalidArgumentError('From 1 to 500.');
  return Number(text);
}
