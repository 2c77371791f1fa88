import { join } from 'node:path';
import { BuildError, build, describeBuild } from './build.ts';

/*
 * `npm start -- ARGUMENTS` is `daybook serve ARGUMENTS` on a fresh build. The command takes this process over (same pid, so
 * signals reach it directly), and what the build needed is not in its memory.
 */
const command = join(import.meta.dirname, '../packages/cli/bin/daybook.js');
const endWithParent = join(import.meta.dirname, 'end-with-parent.ts');
const serve = [command, 'serve', ...process.argv.slice(2)];

try {
  const result = await build();
  if (result.built) console.error(describeBuild(result));
} catch (error) {
  if (!(error instanceof BuildError)) throw error;
  console.error(`Daybook was not started: ${error.message}`);
  process.exit(1);
}

if (process.platform !== 'win32' && process.execve !== undefined)
  process.execve(process.execPath, [process.execPath, '--import', endWithParent, ...serve], process.env);
process.argv = [process.execPath, ...serve];
await import(endWithParent);
await import(command);
