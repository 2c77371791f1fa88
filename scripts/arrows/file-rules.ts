import { existsSync } from 'node:fs';
import { basename, dirname, posix } from 'node:path';
import type { Fault, House } from './house.ts';
import type { SourceFile } from './source-file.ts';

const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const longest = 500;
/** From here on a file is worth a look. */
export const longFile = 300;

/** Names, lengths, and that nothing reaches out of the repository. */
export function checkFiles(house: House): Fault[] {
  return house.files.flatMap((file) => [
    ...checkName(file),
    ...checkLength(file),
    ...checkReach(house, file),
  ]);
}

function checkName({ path }: SourceFile): Fault[] {
  const wrong = path.split('/').find((part) => !kebabCase.test(part));
  if (!wrong) return [];
  return [{ path, line: 1, rule: 'kebab-case', message: `rename ${wrong}: small letters and hyphens` }];
}

function checkLength({ path, lines }: SourceFile): Fault[] {
  if (lines <= longest) return [];
  const message = `${lines} lines, the limit is ${longest}: give its second concept a file of its own`;
  return [{ path, line: longest + 1, rule: 'file-length', message }];
}

function checkReach(house: House, { path, literals }: SourceFile): Fault[] {
  return literals
    .filter(({ value }) => leavesByDots(path, value) || namesNeighbour(house.root, value))
    .map(({ value, line }) => ({
      path,
      line,
      rule: 'stay-inside',
      message: `'${value}' lies outside the repository, where other machines have something else`,
    }));
}

function leavesByDots(path: string, value: string): boolean {
  return value.startsWith('../') && posix.join(dirname(path), value).startsWith('..');
}

/** An absolute path to what stands beside the checkout on this machine. */
function namesNeighbour(root: string, value: string): boolean {
  const beside = `${dirname(root)}/`;
  if (beside === '//' || !value.startsWith(beside)) return false;
  const neighbour = value.slice(beside.length).split('/')[0];
  return Boolean(neighbour) && neighbour !== basename(root) && existsSync(beside + neighbour);
}
