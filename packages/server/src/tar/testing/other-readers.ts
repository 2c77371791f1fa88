import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a reader says a tar holds: `file data/a 5`, one line a member; undefined if it refuses or warns. */
export type Listing = readonly string[] | undefined;

export interface OtherReader {
  readonly name: string;
  readonly present: boolean;
  list(tars: readonly Buffer[]): Listing[];
}

const script = `
import json, sys, tarfile
for line in sys.stdin:
    try:
        with tarfile.open(line.strip(), 'r:') as tar:
            print(json.dumps([('directory' if m.isdir() else 'file' if m.isreg() else 'other') + ' ' + m.name.rstrip('/') + ' ' + str(m.size) for m in tar]))
    except Exception:
        print('null')
`;

export const python: OtherReader = {
  name: 'Python',
  present: spawnSync('python3', ['-c', 'import tarfile']).status === 0,
  list: (tars) =>
    withFiles(tars, (files) => {
      const { stdout } = spawnSync('python3', ['-c', script], {
        input: files.join('\n'),
        env: { ...process.env, PYTHONIOENCODING: 'utf-8:surrogateescape' },
        maxBuffer: 2 ** 30,
      });
      return stdout
        .toString()
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as string[] | null) ?? undefined);
    }),
};

export const gnuTar: OtherReader = {
  name: 'GNU tar',
  present: spawnSync('tar', ['--version']).stdout?.toString().includes('GNU tar') ?? false,
  list: (tars) =>
    withFiles(tars, (files) => {
      const each =
        'while read -r f; do tar -tvf "$f" --numeric-owner --quoting-style=escape 2>&1; echo "exit $?"; done';
      const { stdout } = spawnSync('bash', ['-c', each], {
        input: `${files.join('\n')}\n`,
        env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
        maxBuffer: 2 ** 30,
      });
      return listingsOf(stdout.toString());
    }),
};

/** What GNU tar says of every pax keyword that is not its own, and goes on. */
const remark = /^tar: Ignoring unknown extended header keyword '/;

function listingsOf(text: string): Listing[] {
  const listings: Listing[] = [];
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    const exit = /^exit (\d+)$/.exec(line);
    if (exit === null) {
      if (!remark.test(line)) lines.push(line);
      continue;
    }
    const members = lines.map(memberOf);
    listings.push(
      exit[1] === '0' && members.every((each) => each !== undefined) ? (members as string[]) : undefined,
    );
    lines = [];
  }
  return listings;
}

/** `-rw-r--r-- 0/0  5 2023-11-14 22:13 data/a`; anything else is a warning. */
function memberOf(line: string): string | undefined {
  const [, type = '', size = '', name = ''] = /^([-d])\S* \S+\s+(\d+) \S+ \S+ (.*)$/s.exec(line) ?? [];
  if (type === '') return undefined;
  return `${type === 'd' ? 'directory' : 'file'} ${unescaped(name).replace(/\/+$/, '')} ${size}`;
}

const letters: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };

/** GNU's `escape` style: what cannot be printed as octal bytes or a letter. */
function unescaped(name: string): string {
  const parts = name.split(/(\\\d{3}|\\.)/s).map((part) => {
    if (!part.startsWith('\\')) return Buffer.from(part);
    const rest = part.slice(1);
    if (/^\d{3}$/.test(rest)) return Buffer.from([Number.parseInt(rest, 8)]);
    return letters[rest] === undefined ? Buffer.from(rest) : Buffer.from([letters[rest]]);
  });
  return Buffer.concat(parts).toString();
}

function withFiles<T>(tars: readonly Buffer[], work: (files: string[]) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-tars-'));
  try {
    const files = tars.map((tar, n) => {
      const file = join(folder, `${n}.tar`);
      writeFileSync(file, tar);
      return file;
    });
    return work(files);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
