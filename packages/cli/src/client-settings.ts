import { readFileSync } from 'node:fs';
import { faultsOf, plainSentence } from '@daybook/core';
import { Daybook, type DaybookOptions } from '@daybook/sdk';
import type { Command } from 'commander';
import { z } from 'zod';
import { CommandError } from './explain.ts';

/** What the client side can be told: by flags, else by environment variables, else by a JSON file (`--config`). */
const clientSettingsSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: 'is no address, e.g. http://127.0.0.1:8080' }).optional(),
  apiKey: z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]+$/, 'is no API key: one line of visible characters')
    .optional(),
  spoolDirectory: z.string().min(1, 'must not be empty').optional(),
});
export type ClientSettings = z.infer<typeof clientSettingsSchema>;

export interface ClientFlags {
  readonly url?: string;
  readonly apiKeyFile?: string;
  readonly spool?: string;
  readonly config?: string;
}

/** Adds the flags that every command which talks to a server has. A key itself is no flag: others see command lines. */
export function withClientFlags(command: Command): Command {
  return command
    .option('--url <url>', 'the server (DAYBOOK_URL; default http://127.0.0.1:8080)')
    .option('--api-key-file <file>', 'file that holds the API key (DAYBOOK_API_KEY, DAYBOOK_API_KEY_FILE)')
    .option('--spool <dir>', 'where records wait for the server (DAYBOOK_SPOOL_DIRECTORY)')
    .option('--config <file>', 'JSON file with url, apiKey, spoolDirectory');
}

interface Source {
  readonly name: string;
  readonly value: unknown;
}

/**
 * Reads the settings.
 *
 * @throws CommandError with every fault of every source; never shows a key
 */
export function clientSettings(flags: ClientFlags, env: NodeJS.ProcessEnv): ClientSettings {
  const faults: string[] = [];
  const file = readConfigFile(flags.config, faults);
  const sources: Record<keyof ClientSettings, Source | undefined> = {
    url: firstOf(['--url', flags.url], ['DAYBOOK_URL', env['DAYBOOK_URL']]),
    apiKey:
      secretFile('--api-key-file', flags.apiKeyFile, faults) ??
      firstOf(['DAYBOOK_API_KEY', env['DAYBOOK_API_KEY']]) ??
      secretFile('DAYBOOK_API_KEY_FILE', env['DAYBOOK_API_KEY_FILE'], faults),
    spoolDirectory: firstOf(
      ['--spool', flags.spool],
      ['DAYBOOK_SPOOL_DIRECTORY', env['DAYBOOK_SPOOL_DIRECTORY']],
    ),
  };
  const values: Record<string, unknown> = { ...file };
  for (const [name, source] of Object.entries(sources)) if (source !== undefined) values[name] = source.value;
  const result = clientSettingsSchema.safeParse(values, { error: plainSentence });
  for (const { path, message } of faultsOf(result.error?.issues ?? []))
    faults.push(`${sources[path as keyof ClientSettings]?.name ?? `${path} in ${flags.config}`}: ${message}`);
  if (faults.length > 0 || !result.success)
    throw new CommandError(['these settings do not fit:', ...faults].join('\n  '));
  return result.data;
}

/** The sdk as the settings say. */
export function openDaybook(
  flags: ClientFlags,
  env: NodeJS.ProcessEnv,
  options: DaybookOptions = {},
): Daybook {
  const { url, apiKey, spoolDirectory } = clientSettings(flags, env);
  return new Daybook({
    ...options,
    ...(url !== undefined && { url }),
    ...(apiKey !== undefined && { apiKey }),
    ...(spoolDirectory !== undefined && { spoolDirectory }),
  });
}

function firstOf(...sources: [name: string, value: string | undefined][]): Source | undefined {
  const found = sources.find(([, value]) => value !== undefined && value !== '');
  return found && { name: found[0], value: found[1] };
}

function secretFile(name: string, path: string | undefined, faults: string[]): Source | undefined {
  if (path === undefined || path === '') return undefined;
  try {
    return { name, value: readFileSync(path, 'utf8') };
  } catch (error) {
    faults.push(`${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
}

function readConfigFile(path: string | undefined, faults: string[]): Record<string, unknown> {
  if (path === undefined) return {};
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof content === 'object' && content !== null && !Array.isArray(content))
      return content as Record<string, unknown>;
    faults.push(`${path}: must hold a JSON object`);
  } catch (error) {
    // The parser quotes what stands around the fault, which may be the key.
    faults.push(
      `${path}: ${error instanceof SyntaxError ? 'is not valid JSON' : `cannot be read (${(error as NodeJS.ErrnoException).code})`}`,
    );
  }
  return {};
}
