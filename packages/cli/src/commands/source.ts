import {
  formatDuration,
  type Source,
  type SourceCheck,
  type SourceKindView,
  translator,
} from '@daybook/core';
import type { SourcesApi } from '@daybook/sdk';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { type ClientFlags, openDaybook, withClientFlags } from '../client-settings.ts';
import { collect } from '../collect.ts';
import { exitCodes } from '../exit-codes.ts';
import { CommandError } from '../explain.ts';
import { ago } from '../terminal/job-words.ts';
import { type Column, tableLines } from '../terminal/table.ts';
import { columnsOf, paint, print, printJson, type Terminal, tell } from '../terminal/terminal.ts';
import { printable } from '../terminal/text-width.ts';
import { sentenceText } from './sync-tickets.ts';

interface Flags extends ClientFlags {
  readonly json?: boolean;
}

interface AddFlags extends Flags {
  readonly set: readonly string[];
  readonly provider?: string;
  readonly paused?: boolean;
}

const say = translator('en');
const namedSource = () => new Argument('<source>', 'its name, or its number');

export function sourceCommand(terminal: Terminal): Command {
  const open = (flags: ClientFlags) => openDaybook(flags, terminal.env).sources;
  const source = new Command('source').description(
    'where jobs come from by themselves: directories, schedulers',
  );

  withFlags(source.command('add'))
    .description('add a source, and say what it can and cannot read')
    .argument('<name>', 'its name, which its jobs carry')
    .argument('<kind>', 'what it is, e.g. tracker-files')
    .option(
      '-s, --set <name=value>',
      'a setting of its kind, e.g. directory=/data/jobs (again for more)',
      collect,
      [],
    )
    .option('--provider <name>', 'who produces its jobs; nobody when left out')
    .option('--paused', 'do not look at it yet')
    .addHelpText('after', addExamples)
    .action(async (name: string, kind: string, flags: AddFlags) => {
      const api = open(flags);
      const settings = settingsFrom(flags.set, await kindNamed(api, kind));
      const added = await api.add({
        name,
        kind,
        settings,
        ...(flags.provider !== undefined && { provider: flags.provider }),
        ...(flags.paused && { enabled: false }),
      });
      if (flags.json) {
        printJson(terminal, added);
        return;
      }
      print(terminal, `source ${added.id}  ${printable(added.name)} is added`);
      process.exitCode = showChecks(await api.test(added.id), terminal);
    });

  withFlags(source.command('list'))
    .description('list the sources with their last look')
    .action(async (flags: Flags) => {
      const items = await open(flags).list();
      if (flags.json) printJson(terminal, { items });
      else table(items, terminal);
    });

  withFlags(source.command('show'))
    .description('one source: its settings, its last look, and what could not be read')
    .addArgument(namedSource())
    .action(async (name: string, flags: Flags) => show(open(flags), name, flags, terminal));

  withFlags(source.command('test'))
    .description('say what a source can and cannot read, permission by permission')
    .addArgument(namedSource())
    .action(async (name: string, flags: Flags) => {
      const api = open(flags);
      const items = await api.test((await find(api, name)).id);
      if (flags.json) printJson(terminal, { items });
      else process.exitCode = showChecks(items, terminal);
    });

  withFlags(source.command('poll'))
    .description('look at a source now')
    .addArgument(namedSource())
    .action(async (name: string, flags: Flags) => {
      const api = open(flags);
      const { id } = await find(api, name);
      await api.poll(id);
      if (flags.json) printJson(terminal, { id, polled: true });
      else tell(terminal, say('source.polled'));
    });

  for (const [verb, enabled, description] of [
    ['pause', false, 'look at a source no more, until you say so'],
    ['resume', true, 'look at a source again'],
  ] as const)
    withFlags(source.command(verb))
      .description(description)
      .addArgument(namedSource())
      .action(async (name: string, flags: Flags) => {
        const api = open(flags);
        const { id, version } = await find(api, name);
        const changed = await api.change(id, { version, enabled });
        if (flags.json) printJson(terminal, changed);
        else tell(terminal, `${printable(changed.name)}: ${say(`source.state.${changed.state}`)}`);
      });

  withFlags(source.command('remove'))
    .description('remove a source; its jobs stay')
    .addArgument(namedSource())
    .action(async (name: string, flags: Flags) => {
      const api = open(flags);
      const found = await find(api, name);
      await api.remove(found.id);
      if (flags.json) printJson(terminal, { id: found.id, removed: true });
      else tell(terminal, `${printable(found.name)} is removed; its jobs stay`);
    });

  return source;
}

const addExamples = `
Examples:
  daybook source add pipeline tracker-files --set directory=/data/jobs --set interval=10s
  daybook source add archive tracker-files --set directory=/mnt/jobs --set timeout=2h`;

function withFlags(command: Command): Command {
  return withClientFlags(command).option('--json', 'the answer of the API');
}

async function kindNamed(api: SourcesApi, name: string): Promise<SourceKindView> {
  const kinds = await api.kinds();
  const kind = kinds.find((each) => each.kind === name);
  if (kind !== undefined) return kind;
  throw new CommandError(`there is no kind ${name}; there are: ${kinds.map((each) => each.kind).join(', ')}`);
}

/** `name=value` as the kind's schema wants it: texts stay texts, all else is JSON if it can be. */
function settingsFrom(pairs: readonly string[], { settings }: SourceKindView): Record<string, unknown> {
  const properties = (settings['properties'] ?? {}) as Record<string, { type?: unknown } | undefined>;
  const read = pairs.map((pair): [string, unknown] => {
    const at = pair.indexOf('=');
    if (at < 1) throw new InvalidArgumentError(`--set ${pair}: write name=value`);
    const [name, text] = [pair.slice(0, at), pair.slice(at + 1)];
    return [name, properties[name]?.type === 'string' ? text : jsonOr(text)];
  });
  return Object.fromEntries(read);
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function find(api: SourcesApi, name: string): Promise<Source> {
  const all = await api.list();
  const found = all.filter((each) => each.name === name || String(each.id) === name);
  if (found[0] !== undefined && found.length === 1) return found[0];
  if (found.length > 1)
    throw new CommandError(`several sources are called ${name}: name one by its number`, exitCodes.usage);
  throw new CommandError(`there is no source ${name}; see: daybook source list`, exitCodes.notFound);
}

function table(sources: readonly Source[], terminal: Terminal): void {
  const now = Date.now();
  const columns: Column<Source>[] = [
    { title: 'ID', value: (each) => String(each.id), align: 'right' },
    { title: 'NAME', value: (each) => printable(each.name), flexible: true },
    { title: 'KIND', value: (each) => each.kind },
    { title: 'STATE', value: (each) => say(`source.state.${each.state}`) },
    { title: 'LAST LOOK', value: (each) => (each.cycleAt === null ? 'never' : ago(each.cycleAt, now)) },
    { title: 'JOBS', value: (each) => String(each.jobs), align: 'right' },
    { title: 'PROBLEMS', value: (each) => String(each.problems), align: 'right' },
    { title: 'CONFLICTS', value: (each) => String(each.conflicts), align: 'right' },
  ];
  const title = (text: string) => paint(terminal.stdout, 'dim', text);
  for (const line of tableLines(columns, sources, columnsOf(terminal.stdout), title)) print(terminal, line);
}

async function show(api: SourcesApi, name: string, flags: Flags, terminal: Terminal): Promise<void> {
  const source = await find(api, name);
  const { items, nextCursor } = await api.problems(source.id, { limit: 50 });
  if (flags.json) {
    printJson(terminal, { ...source, problemsByFile: items });
    return;
  }
  const look =
    source.cycleAt === null
      ? 'never'
      : `${ago(source.cycleAt, Date.now())}, ${secondsText(source.cycleSeconds)}`;
  const lines: [string, string][] = [
    ['source', `${source.id}  ${printable(source.name)} (${source.kind})`],
    ['state', say(`source.state.${source.state}`)],
    ['last look', look],
    ['jobs', String(source.jobs)],
    ...Object.entries(source.settings).map(([key, value]): [string, string] => [
      key,
      printable(String(value)),
    ]),
  ];
  if (source.error !== null) lines.push(['error', sentenceText(source.error)]);
  for (const [title, text] of lines) print(terminal, `${title.padEnd(18)}${text}`);
  for (const problem of items)
    print(terminal, `${printable(problem.place ?? problem.item)} ${sentenceText(problem)}`);
  if (nextCursor !== undefined) print(terminal, '… and more');
}

function secondsText(seconds: number | null): string {
  return seconds === null ? '' : `took ${formatDuration(seconds * 1_000, say)}`;
}

function showChecks(checks: readonly SourceCheck[], terminal: Terminal): number {
  for (const { ok, code, detail, count } of checks) {
    const said = [count === undefined ? '' : String(count), detail ?? ''].filter(Boolean).join(': ');
    print(
      terminal,
      `${ok ? 'ok ' : 'NO '} ${sentenceText({ code })}${said === '' ? '' : `: ${printable(said)}`}`,
    );
  }
  return checks.every(({ ok }) => ok) ? exitCodes.ok : exitCodes.failed;
}
