import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type Import, readSources, type SourceFile } from './source-file.ts';

/** A rule that a file breaks, and the way out. */
export interface Fault {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/** An import that names a file of the house. */
export interface Edge extends Import {
  readonly from: string;
  readonly to: string;
}

export interface Manifest {
  readonly name: string;
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
}

/** Everything that the rules look at. */
export interface House {
  readonly root: string;
  readonly files: readonly SourceFile[];
  readonly edges: readonly Edge[];
  /** By folder: `''` for the repository, else `packages/core` and so on. */
  readonly manifests: ReadonlyMap<string, Manifest>;
}

const folders = ['packages', 'scripts', 'tests', 'bench', 'examples'];

export function readHouse(root: string): House {
  const files = readSources(root, folders);
  const paths = new Set(files.map((file) => file.path));
  const edges = files.flatMap((file) =>
    file.imports.flatMap((one): Edge[] => {
      const to = resolveRelative(file.path, one.specifier, paths);
      return to ? [{ ...one, from: file.path, to }] : [];
    }),
  );
  return { root, files, edges, manifests: readManifests(root) };
}

function resolveRelative(from: string, specifier: string, paths: Set<string>): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const place = posix.join(posix.dirname(from), specifier);
  const bare = place.replace(/\.jsx?$/, '');
  const candidates = [place, ...['.ts', '.tsx', '/index.ts', '/index.tsx'].map((end) => bare + end)];
  return candidates.find((candidate) => paths.has(candidate));
}

function readManifests(root: string): Map<string, Manifest> {
  const packages = existsSync(join(root, 'packages')) ? readdirSync(join(root, 'packages')) : [];
  const homes = ['', ...packages.map((name) => `packages/${name}`)];
  return new Map(
    homes
      .filter((home) => existsSync(join(root, home, 'package.json')))
      .map((home) => [home, readManifest(join(root, home, 'package.json'))]),
  );
}

function readManifest(path: string): Manifest {
  const json = JSON.parse(readFileSync(path, 'utf8'));
  const shipped = { ...json.dependencies, ...json.peerDependencies, ...json.optionalDependencies };
  return {
    name: String(json.name),
    dependencies: new Set(Object.keys(shipped)),
    devDependencies: new Set(Object.keys(json.devDependencies ?? {})),
  };
}

/** `packages/core` for a file of that package, `''` for one of the repository itself. */
export function homeOf(path: string): string {
  return /^packages\/[^/]+/.exec(path)?.[0] ?? '';
}

/** Tests and what only they use never ship: they may reach further than the code they test. */
export function isTest(path: string): boolean {
  return /\.(test|prove)\.tsx?$|\/testing\//.test(path);
}
