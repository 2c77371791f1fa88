import { Command } from 'commander';
import { type ClientFlags, openDaybook, withClientFlags } from '../client-settings.ts';
import { exitCodes } from '../exit-codes.ts';
import { CommandError } from '../explain.ts';
import { sendTar } from '../ingest/send-tar.ts';
import { print, type Terminal, tell } from '../terminal/terminal.ts';

/** The commands of the replaced ingest service's administrators, with their flags and meaning (contracts/pacifica.md). */
export function ingestAdminCommands(terminal: Terminal): Command[] {
  return [jobCommand(terminal), retryCommand(terminal), migrateCommand(terminal), dbchkCommand(terminal)];
}

interface JobFlags extends ClientFlags {
  readonly jobId: string;
  readonly state: string;
  readonly task: string;
  readonly taskPercent: string;
  readonly exception?: string;
}

function jobCommand(terminal: Terminal): Command {
  return withClientFlags(new Command('job'))
    .description('say how an ingest stands, for one that neither fails nor goes on')
    .requiredOption('--job-id <id>', 'the job')
    .requiredOption('--state <state>', 'OK or FAILED')
    .requiredOption('--task <task>', "the task that it is about, e.g. 'ingest files'")
    .option('--task-percent <percent>', 'how far that is', '0.0')
    .option('--exception <text>', 'what failed, in plain words')
    .action(async ({ jobId, state, task, taskPercent, exception, ...flags }: JobFlags) => {
      const daybook = openDaybook(flags, terminal.env);
      await daybook.uploads.setState(numberOf(jobId), {
        state: stateOf(state),
        task,
        taskPercent: percentOf(taskPercent),
        ...(exception !== undefined && { exception }),
      });
    });
}

interface RetryFlags extends ClientFlags {
  readonly jobId: string;
  readonly move?: boolean;
  readonly path?: string;
  readonly username?: string;
}

function retryCommand(terminal: Terminal): Command {
  return withClientFlags(new Command('retry'))
    .description('try an ingest again')
    .requiredOption('--job-id <id>', 'the job')
    .option('--move', 'it is a move (said for the old command; the job knows)')
    .option('--path <file>', 'the tar, if its bytes are to be sent again')
    .option('--username <name>', 'who asks for it')
    .action(async ({ jobId, path, username, ...flags }: RetryFlags) => {
      const daybook = openDaybook(flags, terminal.env);
      const id = numberOf(jobId);
      if (path === undefined) await daybook.jobs.retry(id, username && `Asked for by ${username}.`);
      else await sendTar(daybook, path, id, terminal);
      print(terminal, String(id));
    });
}

interface DatabaseFlags {
  readonly data?: string;
  readonly config?: string;
}

/** Those commands that talk to the database itself, as `serve` does. */
function withDatabaseFlags(command: Command): Command {
  return command
    .option('--data <dir>', 'folder of the database (DAYBOOK_DATA); or DAYBOOK_DATABASE_URL')
    .option('--config <file>', 'JSON file with settings of serve (DAYBOOK_CONFIG)');
}

async function openDatabase({ data, config }: DatabaseFlags, terminal: Terminal) {
  const { openStore, settingsFrom } = await import('@daybook/server');
  const flags = { ...(data !== undefined && { data }) };
  return openStore(settingsFrom({ flags, env: terminal.env, ...(config !== undefined && { file: config }) }));
}

function migrateCommand(terminal: Terminal): Command {
  return withDatabaseFlags(new Command('migrate'))
    .alias('dbsync')
    .description('bring the schema of the database up to date, as serve does when it starts')
    .action(async (flags: DatabaseFlags) => {
      const { migrate } = await import('@daybook/server');
      const store = await openDatabase(flags, terminal);
      try {
        const applied = await migrate(store);
        const done = applied.length === 0 ? 'was up to date' : `has now: ${applied.join(', ')}`;
        tell(terminal, `daybook: the schema ${done}`);
      } finally {
        await store.close();
      }
    });
}

function dbchkCommand(terminal: Terminal): Command {
  return withDatabaseFlags(new Command('dbchk'))
    .description('check that the schema of the database fits this version: exit code 0, else 255')
    .option('--equal', 'it must be the very one; else an older one will do, which serve brings up to date')
    .action(async ({ equal, ...flags }: DatabaseFlags & { readonly equal?: boolean }) => {
      const { schemaVersions } = await import('@daybook/server');
      const store = await openDatabase(flags, terminal);
      try {
        const { found, wanted } = await schemaVersions(store);
        const fits = equal ? found === wanted : found > 0 && found <= wanted;
        tell(terminal, `daybook: the schema of the database is ${found}, that of this version ${wanted}`);
        process.exitCode = fits ? exitCodes.ok : NO_FIT;
      } catch (error) {
        tell(terminal, `daybook: the database cannot be asked: ${(error as Error).message}`);
        process.exitCode = NO_FIT;
      } finally {
        await store.close();
      }
    });
}

/** What the old command answered: -1, as a shell sees it. */
const NO_FIT = 255;

function stateOf(text: string): 'OK' | 'FAILED' {
  if (text === 'OK' || text === 'FAILED') return text;
  throw new CommandError('--state is OK or FAILED');
}

function percentOf(text: string): number {
  const percent = Number(text);
  if (text.trim() !== '' && percent >= 0 && percent <= 100) return percent;
  throw new CommandError('--task-percent is a number from 0 to 100');
}

function numberOf(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new CommandError('--job-id is the number of a job');
}
