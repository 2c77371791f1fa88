import { readFile } from 'node:fs/promises';
import { type Configuration, type ConfigurationProblem, parseConfigurationFile } from '@daybook/core';
import { configurationProblemText } from '@daybook/sdk';
import { Command } from 'commander';
import { type ClientFlags, openDaybook, withClientFlags } from '../client-settings.ts';
import { exitCodes } from '../exit-codes.ts';
import { CommandError } from '../explain.ts';
import { print, printJson, type Terminal, tell } from '../terminal/terminal.ts';

interface CheckFlags {
  readonly json?: boolean;
}

export function configCommand(terminal: Terminal): Command {
  const config = new Command('config').description('check configuration files, and register what they hold');

  config
    .command('check')
    .description('report every problem of a configuration file, with path, line and column')
    .argument('<file>', 'JSON with job_configs')
    .option('--json', 'the problems as JSON')
    .action(async (file: string, { json }: CheckFlags) => {
      const read = parseConfigurationFile(await textOf(file));
      if (json) printJson(terminal, { file, problems: read.problems ?? [] });
      if (read.problems !== undefined) throw refusal(file, read, json === true, terminal);
      if (!json) print(terminal, `${file} is fine: ${counted(read.configurations.length)}`);
    });

  withClientFlags(config.command('push'))
    .description('register the configurations of a file; what is stored already stays')
    .argument('<file>', 'JSON with job_configs')
    .action(async (file: string, flags: ClientFlags) => {
      const read = parseConfigurationFile(await textOf(file));
      if (read.problems !== undefined) throw refusal(file, read, false, terminal);
      await push(read.configurations, flags, terminal);
    });

  return config;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(`${file} cannot be read (${code})`, exitCodes.notFound);
  }
}

/** Problems go to stdout, one per line, as editors and terminals make links of them. */
function refusal(
  file: string,
  { problems, count }: { problems: readonly ConfigurationProblem[]; count: number },
  isTold: boolean,
  terminal: Terminal,
): CommandError {
  if (!isTold) for (const each of problems) print(terminal, configurationProblemText(file, each));
  const counted = count === 1 ? 'a problem' : `${count} problems`;
  return new CommandError(`${file} has ${counted}`, exitCodes.failed);
}

async function push(
  configurations: readonly Configuration[],
  flags: ClientFlags,
  terminal: Terminal,
): Promise<void> {
  const daybook = openDaybook(flags, terminal.env);
  for (const configuration of configurations) {
    const { tag, version } = await daybook.registerConfiguration(configuration);
    print(terminal, `${tag} ${version}`);
  }
  tell(terminal, `${counted(configurations.length)} of ${daybook.url} now`);
}

function counted(count: number): string {
  return count === 1 ? '1 configuration' : `${count} configurations`;
}
