import { nearName, release } from '@daybook/core';
import { Command, Help, type Option } from 'commander';
import { archiveCommand } from './commands/archive.ts';
import { completionCommand } from './commands/completion.ts';
import { configCommand } from './commands/config.ts';
import { doctorCommand } from './commands/doctor.ts';
import { generateJsonSchemasCommand } from './commands/generate-json-schemas.ts';
import { ingestCommand } from './commands/ingest.ts';
import { ingestAdminCommands } from './commands/ingest-admin.ts';
import { jobsCommand } from './commands/jobs.ts';
import { keyCommand } from './commands/key.ts';
import { maintenanceCommand } from './commands/maintenance.ts';
import { runCommand } from './commands/run.ts';
import { serveCommand } from './commands/serve.ts';
import { sourceCommand } from './commands/source.ts';
import { syncCommand } from './commands/sync.ts';
import { ticketCommand } from './commands/ticket.ts';
import { workCommand } from './commands/work.ts';
import { exitCodesHelp } from './exit-codes.ts';
import { CommandError } from './explain.ts';
import { print, type Terminal } from './terminal/terminal.ts';

const examples = `
Examples:
  daybook serve                                 serve a diary on http://127.0.0.1:8080
  daybook run --name backup -- tar -cf a.tar .  track a command
  daybook jobs watch                            follow what runs now

daybook help exit-codes tells what exit codes mean.`;

/** The whole command. `words` are those after `daybook`: some commands are only loaded when they are meant. */
export async function buildProgram(words: readonly string[], terminal: Terminal): Promise<Command> {
  const program = new Command('daybook')
    .description('the diary that your jobs write themselves')
    .version(release, '-V, --version')
    .enablePositionalOptions()
    .helpCommand(false)
    .showSuggestionAfterError()
    .addHelpText('after', examples);
  program.addCommand(await serveCommand(words, terminal));
  program.addCommand(runCommand(terminal));
  program.addCommand(workCommand(words, terminal));
  program.addCommand(jobsCommand(terminal));
  program.addCommand(maintenanceCommand(terminal));
  program.addCommand(sourceCommand(terminal));
  program.addCommand(syncCommand(terminal));
  program.addCommand(ticketCommand(terminal));
  program.addCommand(ingestCommand(terminal));
  program.addCommand(archiveCommand(terminal));
  for (const command of ingestAdminCommands(terminal)) program.addCommand(command);
  program.addCommand(configCommand(terminal));
  program.addCommand(generateJsonSchemasCommand(terminal));
  program.addCommand(keyCommand(terminal));
  program.addCommand(doctorCommand(terminal));
  program.addCommand(completionCommand(terminal, () => program));
  program.addCommand(helpCommand(program, terminal));
  for (const command of allCommands(program)) prepare(command, terminal);
  return program;
}

/** Commander would write and exit by itself; here it throws, and `main` decides. */
function prepare(command: Command, terminal: Terminal): void {
  command
    .configureHelp({ optionDescription })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'daybook: ')),
    });
}

/** That an option which may be given several times is usually not given at all says nothing. */
function optionDescription(this: Help, option: Option): string {
  return Help.prototype.optionDescription.call(this, option).replace(/ \(default: \[\]\)$/, '');
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

function helpCommand(program: Command, terminal: Terminal): Command {
  return new Command('help')
    .description('help on a command, or on exit-codes')
    .argument('[topic...]', 'a command, or exit-codes')
    .action((topic: readonly string[]) => {
      if (topic[0] === 'exit-codes') {
        print(terminal, exitCodesHelp);
        return;
      }
      let command = program;
      for (const word of topic) command = subcommand(command, word);
      command.outputHelp();
    });
}

function subcommand(command: Command, word: string): Command {
  const names = (each: Command) => [each.name(), ...each.aliases()];
  const found = command.commands.find((each) => names(each).includes(word));
  if (found !== undefined) return found;
  const near = nearName(word, command.commands.flatMap(names));
  throw new CommandError(`unknown command '${word}'${near === undefined ? '' : `\n(Did you mean ${near}?)`}`);
}
