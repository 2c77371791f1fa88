import { TarFault, tarLimits } from './tar-fault.ts';

/**
 * The path of a member as it is kept: without `.` parts and doubled or trailing slashes. The root itself is `.`.
 *
 * @throws TarFault for one that leads out, or is too long or deep
 */
export function memberPath(name: string, position: number): string {
  if (name === '') throw new TarFault('name-empty', position);
  const refuse = (rule: 'name-absolute' | 'name-climbs' | 'name-too-long' | 'name-too-deep') =>
    new TarFault(rule, position, `the name ${JSON.stringify(name.slice(0, 200))} is refused`);
  if (name.startsWith('/')) throw refuse('name-absolute');
  // UTF-16 needs no more units than UTF-8 bytes: most names are measured without being encoded.
  if (name.length * 3 > tarLimits.path && Buffer.byteLength(name) > tarLimits.path)
    throw refuse('name-too-long');
  const path = /(^|\/)\.?(\/|$)/.test(name) ? cleaned(name) : name;
  let parts = 0;
  for (let from = 0; from <= path.length; parts++) {
    const slash = path.indexOf('/', from);
    const end = slash < 0 ? path.length : slash;
    if (end - from === 2 && path.startsWith('..', from)) throw refuse('name-climbs');
    if ((end - from) * 3 > tarLimits.part && Buffer.byteLength(path.slice(from, end)) > tarLimits.part)
      throw refuse('name-too-long');
    from = end + 1;
  }
  if (parts > tarLimits.depth) throw refuse('name-too-deep');
  return path;
}

function cleaned(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  return parts.length === 0 ? '.' : parts.join('/');
}
