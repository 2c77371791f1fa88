import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configurationFileJsonSchema } from '@daybook/core';
import { Command, InvalidArgumentError } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { CommandError } from '../explain.ts';
import { print, type Terminal } from '../terminal/terminal.ts';

/** As the generator of trackerapi says it (contracts/trackerapi.md), word for word but for its own name. */
const usage = `usage: daybook generate-json-schemas [-h] [-l LOCATION] [-n NAME]

options:
  -h, --help            show this help message and exit
  -l LOCATION, --location LOCATION
                        Location of generated schemas
  -n NAME, --name NAME  Name to use for the generated <name>.generated.json schema file
`;

interface Flags {
  readonly location?: string;
  readonly name: string;
}

export function generateJsonSchemasCommand(terminal: Terminal): Command {
  const command = new Command('generate-json-schemas')
    .description('write the JSON Schema of configuration files, for editors')
    // A bare argument is the location too; named here, it would not leave `daybook --help` room for its words.
    .allowExcessArguments()
    .option('-l, --location <location>', 'Location of generated schemas')
    .option(
      '-n, --name <name>',
      'Name to use for the generated <name>.generated.json schema file',
      fileName,
      'job-configurations-schema',
    )
    .helpOption('-h, --help', 'show this help message and exit')
    .action(async ({ location: named, name }: Flags, { args: [bare, ...more] }: Command) => {
      if (more.length > 0) throw new CommandError(`${more.join(' ')}: one location is enough`);
      const location = named ?? bare ?? '.';
      await writeSchema(location, `${name}.generated.json`);
      print(terminal, `Generated JSON Schema for JobConfigs at ${location}`);
    });
  command.helpInformation = () => usage;
  return command;
}

function fileName(text: string): string {
  if (text === '' || /[/\\\u0000]/.test(text))
    throw new InvalidArgumentError('It is the name of a file; the folder is --location.');
  return text;
}

async function writeSchema(folder: string, name: string): Promise<void> {
  const path = join(folder, name);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(path, `${JSON.stringify(configurationFileJsonSchema(), null, 2)}\n`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(`${path} cannot be written (${code})`, exitCodes.cannotWrite);
  }
}
