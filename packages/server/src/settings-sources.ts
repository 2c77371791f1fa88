import { readFileSync } from 'node:fs';
import { type Fault, nearName } from '@daybook/core';

/** Where settings come from; earlier ones win: flags, environment, file. */
export interface SettingsSources {
  /** By camelCase name, as the command line's parser makes them. `undefined` is "not given". */
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Path of a JSON file (`--config`); `DAYBOOK_CONFIG` of the environment when left out. */
  readonly file?: string;
}

/** One setting as the manual and `--help` show it. */
export interface SettingOption {
  readonly name: string;
  /** `--public-url`; for something that is on by default the flag that turns it off, `--no-work`. */
  readonly flag: string;
  /** `DAYBOOK_PUBLIC_URL`. A secret may also be in the file that `…_FILE` names. */
  readonly env: string;
  readonly secret: boolean;
  readonly kind: 'text' | 'list' | 'switch';
  readonly default: unknown;
  readonly description: string;
}

/** What the sources say together. */
export interface Gathered {
  readonly values: Record<string, unknown>;
  /** Name → where it was set, as people wrote it: `--port`, `DAYBOOK_PORT`, `port in daybook.json`. */
  readonly origins: Map<string, string>;
  readonly faults: Fault[];
}

/** Reads file, environment and flags; a later one replaces what an earlier one said. */
export function gatherSettings(
  options: readonly SettingOption[],
  { flags = {}, env = {}, file = env['DAYBOOK_CONFIG'] }: SettingsSources,
): Gathered {
  const gathered: Gathered = { values: {}, origins: new Map(), faults: [] };
  if (file !== undefined && file !== '') addFile(gathered, options, file);
  addEnvironment(gathered, options, env);
  addFlags(gathered, options, flags);
  return gathered;
}

function set({ values, origins }: Gathered, name: string, value: unknown, origin: string): void {
  values[name] = value;
  origins.set(name, origin);
}

function addFile(gathered: Gathered, options: readonly SettingOption[], file: string): void {
  const content = readJsonObject(gathered, file);
  for (const [name, value] of Object.entries(content)) {
    if (options.some((option) => option.name === name)) set(gathered, name, value, `${name} in ${file}`);
    else gathered.faults.push({ path: `${name} in ${file}`, message: unknown(name, options, 'name') });
  }
}

function readJsonObject({ faults }: Gathered, file: string): Record<string, unknown> {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof content === 'object' && content !== null && !Array.isArray(content))
      return content as Record<string, unknown>;
    faults.push({ path: file, message: 'must hold a JSON object' });
  } catch (error) {
    // The parser's message quotes the text around the fault, which may be a secret.
    faults.push({
      path: file,
      message: error instanceof SyntaxError ? 'is not valid JSON' : cannotRead(error),
    });
  }
  return {};
}

function addEnvironment(
  gathered: Gathered,
  options: readonly SettingOption[],
  env: NonNullable<SettingsSources['env']>,
): void {
  for (const option of options) {
    const value = env[option.env];
    const file = option.secret ? env[`${option.env}_FILE`] : undefined;
    if (value && file)
      gathered.faults.push({ path: option.env, message: `and ${option.env}_FILE are both set` });
    else if (value) addVariable(gathered, option, value);
    else if (file) addSecretFile(gathered, option, file);
  }
  // Others may put their variables beside ours (the sdk, Kubernetes), so only what looks like a slip is refused.
  for (const variable of Object.keys(env)) {
    const slip = variable.startsWith('DAYBOOK_') ? nearest(variable, options, 'env') : undefined;
    if (slip !== undefined) gathered.faults.push({ path: variable, message: `is not known; ${slip} is` });
  }
}

function addVariable(gathered: Gathered, option: SettingOption, value: string): void {
  if (option.name === 'port' && value.startsWith('tcp://')) {
    const message =
      'comes from Kubernetes, not from you: set enableServiceLinks: false, or name the Service otherwise';
    gathered.faults.push({ path: option.env, message });
  } else set(gathered, option.name, value, option.env);
}

function addSecretFile(gathered: Gathered, option: SettingOption, file: string): void {
  const origin = `${option.env}_FILE`;
  try {
    set(gathered, option.name, readFileSync(file, 'utf8').trim(), origin);
  } catch (error) {
    gathered.faults.push({ path: origin, message: `${file} ${cannotRead(error)}` });
  }
}

function addFlags(
  gathered: Gathered,
  options: readonly SettingOption[],
  flags: NonNullable<SettingsSources['flags']>,
): void {
  for (const [name, value] of Object.entries(flags)) {
    if (value === undefined) continue;
    const option = options.find((each) => each.name === name);
    if (option !== undefined) set(gathered, name, value, option.flag);
    else gathered.faults.push({ path: `--${name}`, message: unknown(name, options, 'name') });
  }
}

function cannotRead(error: unknown): string {
  return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`;
}

function unknown(name: string, options: readonly SettingOption[], by: 'name' | 'env'): string {
  const slip = nearest(name, options, by);
  return slip === undefined ? 'is no setting' : `is no setting; ${slip} is`;
}

/** The setting that somebody who wrote `word` may have meant; undefined if it is one, or is like none. */
function nearest(word: string, options: readonly SettingOption[], by: 'name' | 'env'): string | undefined {
  const known = options.flatMap((option) =>
    by === 'env' && option.secret ? [option.env, `${option.env}_FILE`] : [option[by]],
  );
  if (known.includes(word)) return undefined;
  // What all have in common says nothing of what was meant.
  const own = (name: string) => name.replace('DAYBOOK_', '');
  const near = nearName(own(word), known.map(own));
  return known.find((each) => own(each) === near);
}
