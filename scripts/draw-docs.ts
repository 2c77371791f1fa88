import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  errorCatalogue,
  type JobStatus,
  jobStatuses,
  limits,
  permissions,
  type QueryField,
  queryFieldNames,
  queryFields,
  roles,
  type TransitionCause,
  ticketJsonSchema,
  ticketTemplateJsonSchema,
  transitions,
  unappliedReasons,
} from '@daybook/core';
import { settingOptions } from '@daybook/server';
import type { Command } from 'commander';
import { exitCodesHelp } from '../packages/cli/src/exit-codes.ts';
import { buildProgram } from '../packages/cli/src/program.ts';
import { processTerminal } from '../packages/cli/src/terminal/terminal.ts';
import { tarRules } from '../packages/server/src/tar/tar-fault.ts';
import { hostileTars } from '../packages/server/src/tar/testing/hostile-tars.ts';

/*
 * Draws the parts of the manual that the code knows better: `npm run docs` (after a build) writes them between their
 * markers, and a test compares. A part begins with `<!-- drawn: NAME -->` and ends with `<!-- end -->`.
 */

const root = join(import.meta.dirname, '..');

/** Which page holds which parts. */
export const pages: Readonly<Record<string, readonly string[]>> = {
  'docs/concepts.md': ['status diagram', 'status table'],
  'docs/api.md': ['errors', 'limits', 'unapplied'],
  'docs/archive.md': ['tar rules', 'hostile tars'],
  'docs/cli.md': ['commands', 'exit codes'],
  'docs/operations.md': ['settings', 'permissions'],
  'docs/search.md': ['query fields'],
  'docs/tracker-files.md': ['ticket schema', 'template schema'],
};

const parts: Readonly<Record<string, () => string | Promise<string>>> = {
  'status diagram': drawStatusDiagram,
  'status table': drawStatusTable,
  errors: () =>
    table(
      ['Code', 'HTTP', 'Means'],
      Object.entries(errorCatalogue).map(([code, { status, title }]) => [
        `\`${code}\``,
        String(status),
        title,
      ]),
    ),
  limits: () =>
    table(
      ['Limit', 'Value'],
      Object.entries(limits).map(([name, value]) => [`\`${name}\``, value.toLocaleString('en')]),
    ),
  unapplied: () => unappliedReasons.map((reason) => `\`${reason}\``).join(', '),
  'tar rules': () =>
    table(
      ['Rule', 'A bundle is refused when'],
      Object.entries(tarRules).map(([rule, { kind, text }]) => [
        `\`${rule}\``,
        kind === 'cut' ? `${text} (*cut*)` : text,
      ]),
    ),
  'hostile tars': () =>
    table(
      ['Rule', 'Tar'],
      hostileTars.map(({ rule, what }) => [`\`${rule}\``, what]),
    ),
  commands: drawCommands,
  'exit codes': () => block(exitCodesHelp),
  settings: drawSettings,
  'ticket schema': () => json(ticketJsonSchema()),
  'template schema': () => json(ticketTemplateJsonSchema()),
  'query fields': () =>
    table(
      ['Field', 'Values', 'Example'],
      queryFieldNames.map((name) => {
        const field: QueryField = queryFields[name];
        return [`\`${name}:\``, field.values?.join(', ') ?? '', `\`${field.example}\``];
      }),
    ),
  permissions: () =>
    table(
      ['Permission', ...roles],
      Object.entries(permissions).map(([permission, allowed]) => [
        `\`${permission}\``,
        ...roles.map((role) => ((allowed as readonly string[]).includes(role) ? 'yes' : '')),
      ]),
    ),
};

/** A page with its parts drawn anew. Throws if one of its markers is missing. */
export async function drawPage(path: string, text: string): Promise<string> {
  let page = text;
  for (const name of pages[path] ?? []) {
    const begin = `<!-- drawn: ${name} -->\n`;
    const from = page.indexOf(begin);
    const to = page.indexOf('<!-- end -->', from);
    if (from < 0 || to < 0) throw new Error(`${path} has no place for "${name}"`);
    const part = await (parts[name] as () => string | Promise<string>)();
    page = `${page.slice(0, from)}${begin}\n${part}\n\n${page.slice(to)}`;
  }
  return page;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function block(text: string): string {
  return `\`\`\`text\n${text.trimEnd()}\n\`\`\``;
}

function json(value: unknown): string {
  return `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
}

/** Statuses that nothing in the table tells apart are one box. */
function drawStatusDiagram(): string {
  const boxes: JobStatus[][] = [];
  for (const status of jobStatuses) {
    const box = boxes.find(([first]) => isLike(first as JobStatus, status));
    if (box === undefined) boxes.push([status]);
    else box.push(status);
  }
  const id = (box: readonly JobStatus[]) => box.join('_');
  const names = boxes.map((box) => `  state "${box.join(', ')}" as ${id(box)}`);
  const arrows = boxes.flatMap((from) =>
    boxes.flatMap((to) => {
      const causes = transitions[from[0] as JobStatus][(to === from ? to.at(-1) : to[0]) as JobStatus];
      return causes === undefined ? [] : [`  ${id(from)} --> ${id(to)}: ${causes.join(', ')}`];
    }),
  );
  return `\`\`\`mermaid\nstateDiagram-v2\n${[...names, ...arrows].join('\n')}\n\`\`\``;
}

function isLike(a: JobStatus, b: JobStatus): boolean {
  const others = jobStatuses.filter((status) => status !== a && status !== b);
  const same = (x: readonly TransitionCause[] | undefined, y: readonly TransitionCause[] | undefined) =>
    String(x) === String(y);
  return (
    same(transitions[a][b], transitions[b][a]) &&
    others.every(
      (other) =>
        same(transitions[a][other], transitions[b][other]) &&
        same(transitions[other][a], transitions[other][b]),
    )
  );
}

function drawStatusTable(): string {
  const rows = jobStatuses.map((from) => [
    `**${from}**`,
    ...jobStatuses.map((to) => (from === to ? '·' : (transitions[from][to]?.map(initial).join(' ') ?? ''))),
  ]);
  return table(['from \\ to', ...jobStatuses], rows);
}

/** One letter per cause; the page says which. */
function initial(cause: TransitionCause): string {
  return { report: 'R', source: 'S', retry: 'N', correction: 'C', claim: 'H', requeue: 'B' }[cause];
}

function drawSettings(): string {
  const rows = settingOptions().map(({ flag, env, secret, kind, default: fallback, description }) => [
    `\`${flag}${kind === 'switch' ? '' : ' …'}\``,
    `\`${env}\`${secret ? ` or \`${env}_FILE\`` : ''}`,
    defaultText(kind, fallback),
    description,
  ]);
  return table(['Flag', 'Environment', 'Default', 'What it sets'], rows);
}

function defaultText(kind: string, fallback: unknown): string {
  if (fallback === undefined || kind === 'list') return '';
  if (kind === 'switch') return fallback ? 'on' : 'off';
  return `\`${fallback}\``;
}

/** Every command with its help, as a terminal of 80 columns shows it. */
async function drawCommands(): Promise<string> {
  const program = await buildProgram([], processTerminal);
  return allCommands(program)
    .map(({ name, help }) => `### ${name}\n\n${block(help)}`)
    .join('\n\n');
}

function allCommands(command: Command, parents: readonly string[] = []): { name: string; help: string }[] {
  const words = [...parents, command.name()];
  const children = command.commands.filter((child) => !undrawn.has(child.name()));
  return [
    { name: words.join(' '), help: helpOf(command) },
    ...children.flatMap((child) => allCommands(child, words)),
  ];
}

/** The flags of `serve` are the settings, of which one names the machine; help on help says nothing. */
const undrawn = new Set(['serve', 'help']);

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => 80,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text;
}

async function main(): Promise<void> {
  for (const path of Object.keys(pages)) {
    const file = join(root, path);
    writeFileSync(file, await drawPage(path, readFileSync(file, 'utf8')));
    console.log(path);
  }
}

if (import.meta.main) await main();
