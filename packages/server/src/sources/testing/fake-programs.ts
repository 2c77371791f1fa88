import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Programs in a folder that print what a test puts there, and write down that they were started: what a scheduler's
 * commands are to us, without the scheduler.
 */
export class FakePrograms {
  readonly folder = mkdtempSync(join(tmpdir(), 'daybook-programs-'));

  /** From now on it prints this, and ends with that code. */
  prints(name: string, text: string, code = 0): void {
    writeFileSync(join(this.folder, `${name}.out`), text);
    this.#install(name, `cat "$0.out"; exit ${code}`);
  }

  /** The same of a Slurm command: each `|` becomes the delimiter that it was asked for. */
  printsRows(
    name: string,
    rows: readonly (readonly (string | number)[])[],
    header?: readonly string[],
  ): void {
    const lines = [...(header === undefined ? [] : [header]), ...rows].map((row) => `${row.join('|')}\n`);
    writeFileSync(join(this.folder, `${name}.out`), lines.join(''));
    this.#install(name, delimited);
  }

  /** `qstat` of Grid Engine: one answer for its list, one for `-j`. */
  answersQstat(list: string, detail: string): void {
    writeFileSync(join(this.folder, 'qstat.out'), list);
    writeFileSync(join(this.folder, 'qstat.detail'), detail);
    this.#install('qstat', 'case "$*" in *-j*) cat "$0.detail" ;; *) cat "$0.out" ;; esac');
  }

  /** It prints this unless it is asked for an option that it does not know. */
  refusesOptions(name: string, option: string, text: string): void {
    writeFileSync(join(this.folder, `${name}.out`), text);
    const refusal = `echo "${name}: invalid option -- ${option}" >&2; exit 2`;
    this.#install(name, `case "$*" in *${option}*) ${refusal} ;; esac; cat "$0.out"`);
  }

  /** It complains, and fails. */
  fails(name: string, complaint: string): void {
    this.#install(name, `echo "${complaint}" >&2; exit 1`);
  }

  hangs(name: string): void {
    this.#install(name, 'exec sleep 60');
  }

  /** How it was started, one line each. */
  calls(name: string): string[] {
    try {
      return readFileSync(join(this.folder, `${name}.calls`), 'utf8')
        .trimEnd()
        .split('\n');
    } catch {
      return [];
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #install(name: string, script: string): void {
    const file = join(this.folder, name);
    writeFileSync(file, `#!/bin/sh\nprintf '%s\\n' "$*" | tr -d '\\037' >> "$0.calls"\n${script}\n`);
    chmodSync(file, 0o755);
  }
}

const delimited = `for a in "$@"; do
  case "$a" in
    --delimiter=*) d="\${a#--delimiter=}" ;;
    %A*) d="\${a#%A}"; d="\${d%%%*}" ;;
  esac
done
sed "s/|/$d/g" "$0.out"`;
