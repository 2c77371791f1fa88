import { type Role, toIso } from '@daybook/core';
import type { ApiKey, ApiKeyCreate } from '@daybook/sdk';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { withClientFlags } from '../client-settings.ts';
import { collect } from '../collect.ts';
import { duration } from '../duration.ts';
import { ago } from '../terminal/job-words.ts';
import { type Column, tableLines } from '../terminal/table.ts';
import { columnsOf, paint, print, printJson, type Terminal, tell } from '../terminal/terminal.ts';
import { printable } from '../terminal/text-width.ts';
import { type KeyFlags, withKeyring } from './keyring.ts';

const roles = ['admin', 'editor', 'provider', 'viewer'] as const satisfies readonly Role[];

interface CreateFlags extends KeyFlags {
  readonly name: string;
  readonly role: (typeof roles)[number];
  readonly project: readonly string[];
  readonly provider?: string;
  readonly expires?: number;
  readonly note?: string;
}

export function keyCommand(terminal: Terminal): Command {
  const key = new Command('key').description('make, list and revoke API keys');

  withKeyFlags(key.command('create'))
    .description('make a key and print it, this once')
    .requiredOption('--name <name>', 'what the key is for')
    .addOption(new Option('--role <role>', 'what it may do').choices(roles).makeOptionMandatory())
    .option(
      '--project <project>',
      'viewer, editor: a project that it sees (again for more); all when left out',
      collect,
      [],
    )
    .option('--provider <name>', 'provider, admin: whose jobs it produces')
    .option('--expires <time>', 'how long it lasts, e.g. 90d; for ever when left out', duration)
    .option('--note <text>', 'a note')
    .action(async (flags: CreateFlags) => createKey(flags, terminal));

  withKeyFlags(key.command('list'))
    .description('list the keys, newest first')
    .action(async (flags: KeyFlags) => listKeys(flags, terminal));

  withKeyFlags(key.command('revoke'))
    .description('revoke a key for good')
    .addArgument(new Argument('<id>', 'number of the key').argParser(keyId))
    .action(async (id: number, flags: KeyFlags) => {
      await withKeyring(flags, terminal.env, (keyring) => keyring.revoke(id));
      if (flags.json) printJson(terminal, { id, revoked: true });
      else tell(terminal, `key ${id} is revoked`);
    });

  return key;
}

function withKeyFlags(command: Command): Command {
  return withClientFlags(command)
    .option(
      '--data <dir>',
      "the server's data directory (DAYBOOK_DATA; default .daybook): no server is asked",
    )
    .option('--json', 'the answer of the API');
}

/** The key stands alone on stdout, so that `KEY=$(daybook key create …)` holds it and nothing else. */
async function createKey(flags: CreateFlags, terminal: Terminal): Promise<void> {
  const { made, place } = await withKeyring(
    flags,
    terminal.env,
    async (keyring) => ({ made: await keyring.create(newKey(flags)), place: keyring.place }),
    { mayBegin: true },
  );
  if (flags.json) {
    printJson(terminal, made);
    return;
  }
  print(terminal, made.key);
  const end = made.expiresAt === null ? '' : `, until ${made.expiresAt}`;
  tell(
    terminal,
    `key ${made.id} (${made.name}, ${made.role}${end}) of ${place} is shown this once; use it as DAYBOOK_API_KEY`,
  );
}

function newKey({ name, role, project, provider, expires, note }: CreateFlags): ApiKeyCreate {
  const seesProjects = role === 'viewer' || role === 'editor';
  return {
    name,
    role,
    ...((seesProjects || project.length > 0) && { projects: project.length > 0 ? project : ['*'] }),
    ...(provider !== undefined && { provider }),
    ...(expires !== undefined && { expiresAt: toIso(Date.now() + expires) }),
    ...(note !== undefined && { note }),
  };
}

async function listKeys(flags: KeyFlags, terminal: Terminal): Promise<void> {
  const keys = await withKeyring(flags, terminal.env, (keyring) => keyring.list());
  if (flags.json) {
    printJson(terminal, { items: keys });
    return;
  }
  const now = Date.now();
  const columns: Column<ApiKey>[] = [
    { title: 'ID', value: (key) => String(key.id), align: 'right' },
    { title: 'NAME', value: (key) => printable(key.name), flexible: true },
    { title: 'ROLE', value: (key) => key.role },
    { title: 'BEGINS', value: (key) => key.prefix },
    { title: 'PROVIDER', value: (key) => printable(key.provider ?? ''), flexible: true },
    { title: 'PROJECTS', value: (key) => printable(key.projects?.join(', ') ?? ''), flexible: true },
    { title: 'STATE', value: (key) => stateOf(key, now) },
    { title: 'LAST USED', value: (key) => (key.lastUsedAt === null ? 'never' : ago(key.lastUsedAt, now)) },
    { title: 'NOTE', value: (key) => printable(key.note ?? ''), flexible: true },
  ];
  const title = (text: string) => paint(terminal.stdout, 'dim', text);
  for (const line of tableLines(columns, keys, columnsOf(terminal.stdout), title)) print(terminal, line);
}

function stateOf(key: ApiKey, now: number): string {
  if (key.revokedAt !== null) return 'revoked';
  if (key.expiresAt === null) return 'valid';
  return Date.parse(key.expiresAt) <= now ? 'expired' : `ends ${ago(key.expiresAt, now)}`;
}

function keyId(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new InvalidArgumentError('Keys have numbers; see: daybook key list');
  return Number(text);
}
