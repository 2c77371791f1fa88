import { builtinModules } from 'node:module';
import { type Fault, type House, homeOf, isTest, type Manifest } from './house.ts';
import type { Import, SourceFile } from './source-file.ts';

/** design: core ← sdk ← cli, core ← server, core ← web. What is lazy is loaded when it is needed, and never before. */
const arrows: Readonly<Record<string, { allowed: readonly string[]; lazy?: readonly string[] }>> = {
  core: { allowed: [] },
  sdk: { allowed: ['core'] },
  server: { allowed: ['core'] },
  web: { allowed: ['core'] },
  cli: { allowed: ['core', 'sdk'], lazy: ['server'] },
};
/** Parts of a package that one folder of another may import, for the reason given in docs/adr/0009-sources.md. */
const shared: Readonly<Record<string, string>> = { '@daybook/sdk/tickets': 'packages/server/src/sources/' };
// These run in browsers, too.
const withoutNode = new Set(['core', 'web']);
const builtins = new Set(builtinModules);

/** Which package may know which, and that every package declares what it imports. */
export function checkPackages(house: House): Fault[] {
  return [
    ...house.files.flatMap((file) => file.imports.flatMap((one) => checkImport(house, file, one))),
    ...house.edges.filter(({ from, to }) => crossesPackages(from, to)).map(relativeFault),
  ];
}

function checkImport(house: House, file: SourceFile, one: Import): Fault[] {
  const name = /^(@[^/]+\/)?[^/:.][^/:]*/.exec(one.specifier)?.[0];
  if (one.specifier.startsWith('node:')) return checkBuiltin(file, one);
  if (!name) return [];
  const at = { path: file.path, line: one.line };
  if (builtins.has(one.specifier)) {
    return [{ ...at, rule: 'node-prefix', message: `write node:${one.specifier}` }];
  }
  if (name.startsWith('@daybook/')) return checkArrow(file, one, name.slice('@daybook/'.length));
  return isDeclared(house, file.path, name) ? [] : [undeclared(file, one, name)];
}

function checkBuiltin(file: SourceFile, one: Import): Fault[] {
  const home = homeOf(file.path).replace('packages/', '');
  const ships = file.path.startsWith(`packages/${home}/src/`) && !isTest(file.path);
  if (!withoutNode.has(home) || !ships) return [];
  const message = `${home} runs in browsers and cannot use ${one.specifier}: pass in what it needs`;
  return [{ path: file.path, line: one.line, rule: 'no-node', message }];
}

function checkArrow(file: SourceFile, one: Import, target: string): Fault[] {
  const home = homeOf(file.path).replace('packages/', '');
  const arrow = arrows[home];
  const folder = shared[one.specifier];
  if (folder !== undefined && file.path.startsWith(folder)) return [];
  if (!arrow || target === home || arrow.allowed.includes(target)) return [];
  const at = { path: file.path, line: one.line, rule: 'package-arrow' };
  if (!arrow.lazy?.includes(target)) {
    const allowed = arrow.allowed.length > 0 ? arrow.allowed.join(' and ') : 'no other package';
    const message = `${home} may import ${allowed}, not ${target}: move what both need to core`;
    return [{ ...at, message }];
  }
  if (one.kind !== 'static') return [];
  const message = `${home} loads ${target} lazily: await import('@daybook/${target}') where it is needed`;
  return [{ ...at, message }];
}

function isDeclared(house: House, path: string, name: string): boolean {
  const all = [...house.manifests.values()];
  const home = homeOf(path);
  // The repository's own folders cross packages: what any of them declares is installed.
  if (home === '' || home === 'packages') return all.some((manifest) => declares(manifest, name, true));
  const own = house.manifests.get(home);
  const repository = house.manifests.get('');
  const isBundled = home === 'packages/web';
  const ships = path.startsWith(`${home}/src/`) && !isTest(path);
  return declares(own, name, isBundled || !ships) || (!ships && declares(repository, name, true));
}

function declares(manifest: Manifest | undefined, name: string, alsoForDevelopment: boolean): boolean {
  if (!manifest) return false;
  return manifest.dependencies.has(name) || (alsoForDevelopment && manifest.devDependencies.has(name));
}

function undeclared(file: SourceFile, one: Import, name: string): Fault {
  const home = homeOf(file.path);
  const message = `${name} is not a dependency of ${home || 'the repository'}: add it to ${home ? `${home}/` : ''}package.json`;
  return { path: file.path, line: one.line, rule: 'declared-dependency', message };
}

function crossesPackages(from: string, to: string): boolean {
  const home = homeOf(from);
  if (home === '' || home === homeOf(to)) return false;
  return !(isTest(from) && to.startsWith('tests/'));
}

function relativeFault({ from, to, line }: { from: string; to: string; line: number }): Fault {
  const message = `${to} belongs to another package: import the package by its name`;
  return { path: from, line, rule: 'package-arrow', message };
}
