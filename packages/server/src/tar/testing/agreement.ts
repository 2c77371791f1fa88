import { TarParser } from '../parser.ts';
import { TarFault } from '../tar-fault.ts';
import { archive, extension, member, named, pax, tarBytes } from './made-tar.ts';
import { mutant, randomNumbers } from './mutants.ts';
import type { Listing, OtherReader } from './other-readers.ts';

const long = `data/${'long/'.repeat(40)}name`;

/** Tars as programs write them, in every form: what mutants are made of. */
export const validTars: readonly Buffer[] = [
  archive(member('metadata.txt', '[]'), member('data/', '', { flag: '5' }), member('data/a', 'hello')),
  tarBytes([{ path: 'name', prefix: 'data/a/b', content: 'x'.repeat(700) }, { path: 'data/c' }]),
  archive(
    pax(['path', long], ['mtime', '1700000000']),
    member('short', 'x'),
    member('data/b', 'y'.repeat(512)),
  ),
  archive(
    extension('L', `${long}\0`),
    member('short', 'x', { edit: (h) => void h.write('ustar  \0', 257, 'latin1') }),
  ),
  archive(named(Buffer.from('data/Größe.txt')), member('./data/b', 'hello\n')),
];

/** What we say a tar holds, in the words of the other readers; undefined if it is refused. */
export function ourListing(tar: Buffer): Listing {
  const members: string[] = [];
  const parser = new TarParser({
    member: ({ kind, path, size }) => members.push(`${kind} ${path} ${size}`),
    content() {},
    memberEnd() {},
  });
  try {
    parser.push(tar);
    parser.end();
    return members;
  } catch (error) {
    if (!(error instanceof TarFault)) throw error;
    return undefined;
  }
}

/** A tar that we take and another reader takes differently. */
export interface Disagreement {
  readonly reader: string;
  readonly ours: Listing;
  readonly theirs: Listing;
  readonly tar: string;
}

/**
 * Makes mutants and holds what we accept of them against other readers. Answers how many we accepted, and every disagreement.
 * Names are compared as they are kept: without `.` parts.
 */
export function disagreements(
  seed: number,
  count: number,
  readers: readonly OtherReader[],
): { accepted: number; found: Disagreement[] } {
  const random = randomNumbers(seed);
  const tars = Array.from({ length: count }, () =>
    mutant(validTars[random(validTars.length)] as Buffer, random),
  );
  const accepted = [...validTars, ...tars].filter((tar) => ourListing(tar) !== undefined);
  const found = readers.flatMap((reader) =>
    reader.list(accepted).flatMap((theirs, n) => {
      const tar = accepted[n] as Buffer;
      const ours = ourListing(tar);
      const same = JSON.stringify(ours) === JSON.stringify(theirs?.map(cleaned));
      return same ? [] : [{ reader: reader.name, ours, theirs, tar: tar.toString('base64').slice(0, 4_000) }];
    }),
  );
  return { accepted: accepted.length, found };
}

function cleaned(line: string): string {
  const [, kind, path = '', size] = /^(\w+) (.*) (\d+)$/s.exec(line) ?? [];
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return `${kind} ${parts.length === 0 ? '.' : parts.join('/')} ${size}`;
}
