import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Literal, maskSource } from './mask.ts';

/** How a module is reached: `lazy` by import() or new URL(), `type` erased by the compiler. */
export type ImportKind = 'static' | 'type' | 'lazy';

export interface Import {
  readonly specifier: string;
  readonly kind: ImportKind;
  readonly line: number;
}

export interface SourceFile {
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly literals: readonly { readonly value: string; readonly line: number }[];
}

const skippedFolders = new Set(['node_modules', 'dist', 'fixtures']);
const patterns: readonly (readonly [ImportKind | 'statement', RegExp])[] = [
  ['statement', /\b(?:import|export)\s+(type\s+(?!from\b))?[\w\s{},*$]*?\bfrom\s*(?=['"])/g],
  ['static', /\bimport\s*(?=['"])/g],
  ['lazy', /\bimport\s*\(\s*(?=['"`])/g],
  ['lazy', /\bnew\s+URL\s*\(\s*(?=['"`][^'"`]*['"`]\s*,\s*import\.meta\.url)/g],
];

/** All TypeScript and JavaScript files below the given folders of `root`. */
export function readSources(root: string, folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) => listFiles(root, folder)).map((path) => readSource(root, path));
}

function listFiles(root: string, folder: string): string[] {
  let entries: import('node:fs').Dirent[];
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      return skippedFolders.has(entry.name) || entry.name.startsWith('.') ? [] : listFiles(root, path);
    }
    return /\.(ts|tsx|mts|js|mjs|jsx)$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}

function readSource(root: string, path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const { code, literals } = maskSource(text);
  const lineAt = lineCounter(text);
  return {
    path,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    imports: findImports(code, literals, lineAt),
    literals: literals.map(({ offset, value }) => ({ value, line: lineAt(offset) })),
  };
}

/** Finds the imports of masked code, in the order of the file. */
function findImports(
  code: string,
  literals: readonly Literal[],
  lineAt: (offset: number) => number,
): Import[] {
  const byOffset = new Map(literals.map(({ offset, value }) => [offset, value]));
  const found = patterns.flatMap(([pattern, expression]) =>
    [...code.matchAll(expression)].map((match) => {
      const offset = match.index + match[0].length;
      const kind = pattern === 'statement' ? (match[1] ? 'type' : 'static') : pattern;
      return { offset, specifier: byOffset.get(offset) ?? '', kind, line: lineAt(offset) } as const;
    }),
  );
  return found.toSorted((a, b) => a.offset - b.offset).map(({ offset: _, ...rest }) => rest);
}

function lineCounter(text: string): (offset: number) => number {
  const breaks = [...text.matchAll(/\n/g)].map((match) => match.index);
  return (offset) => {
    const after = breaks.findIndex((place) => place >= offset);
    return (after < 0 ? breaks.length : after) + 1;
  };
}
