import { join } from 'node:path';
import { BuildError, build, describeBuild } from './build.ts';

/*
 * `npm start -- ARGUMENTS` is `daybook serve ARGUMENTS` on a fresh build. The command is imported, not spawned: one
 * process less to feed, and signals reach it directly.
 */
const command = join(import.meta.dirname, '../packages/cli/bin/daybook.js');

try {
  const result = await build();
  if (result.built) console.error(describeBuild(result));
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(`Daybook was not started: ${error.message}`);
  process.exit(1);
}

process.argv = [process.execPath, command, 'serve', ...process.argv.slice(2)];
await import(command);
