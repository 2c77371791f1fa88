import { join } from 'node:path';
import { checkCycles } from './arrows/cycle-rules.ts';
import { checkFiles, longFile } from './arrows/file-rules.ts';
import { type Fault, type House, readHouse } from './arrows/house.ts';
import { checkPackages } from './arrows/package-rules.ts';
import { checkRooms } from './arrows/room-rules.ts';

/** Checks that the arrows of the floor plan point one way. (No `any`, no default export: Biome sees to those.) */
export function checkArrows(house: House): Fault[] {
  const faults = [checkPackages, checkRooms, checkCycles, checkFiles].flatMap((check) => check(house));
  return faults.toSorted((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1));
}

function main(): void {
  const house = readHouse(process.argv[2] ?? join(import.meta.dirname, '..'));
  const faults = checkArrows(house);
  for (const { path, lines } of house.files) {
    if (lines > longFile && lines <= 500) console.log(`note: ${path} has ${lines} lines (300 is the aim)`);
  }
  for (const { path, line, rule, message } of faults) console.error(`${path}:${line} ${rule}: ${message}`);
  const count = `${house.files.length} files, ${house.edges.length} imports between them`;
  console.log(
    faults.length === 0 ? `Arrows: ${count}, all in order` : `Arrows: ${faults.length} faults in ${count}`,
  );
  if (faults.length > 0) process.exitCode = 1;
}

if (import.meta.main) main();
