import type { TarRule } from '../tar-fault.ts';
import {
  archive,
  BLOCK,
  binary,
  extension,
  gzipSync,
  member,
  named,
  pax,
  paxRecord,
  tarBytes,
  ZEROS,
} from './made-tar.ts';

/** A tar that must be refused, and by which rule. The manual's table is made from these. */
export interface HostileTar {
  readonly what: string;
  readonly rule: TarRule;
  bytes(): Buffer;
}

const good = () => member('metadata.txt', '[]');
const hostile = (rule: TarRule, what: string, bytes: () => Buffer): HostileTar => ({ rule, what, bytes });
const size = (text: string) => (header: Buffer) =>
  void header.write(text.padEnd(12, '\0'), 124, 12, 'latin1');
const magic = (text: string) => (header: Buffer) => void header.write(text, 257, 8, 'latin1');
/** A record with its length in front, as it is. */
const raw = (text: string) => extension('x', text);

export const hostileTars: readonly HostileTar[] = [
  hostile('empty', 'no byte at all', () => Buffer.alloc(0)),
  hostile('not-a-tar', 'a text', () => Buffer.from('this is no tar at all\n'.repeat(50))),
  hostile('not-a-tar', 'a text shorter than a block', () => Buffer.from('hello')),
  hostile('not-a-tar', 'a header cut after 511 bytes', () => good().subarray(0, BLOCK - 1)),
  hostile('not-a-tar', 'zeros, fewer than a block', () => Buffer.alloc(100)),
  hostile('compressed', 'a tar in gzip', () => gzipSync(archive(good()))),
  hostile('compressed', 'a gzip of a few bytes', () => gzipSync('')),
  hostile('compressed', 'bytes that begin as bzip2', () => Buffer.from(`BZh9${'x'.repeat(600)}`)),
  hostile('compressed', 'bytes that begin as xz', () =>
    Buffer.concat([Buffer.from('fd377a585a00', 'hex'), ZEROS]),
  ),
  hostile('compressed', 'bytes that begin as zstd', () =>
    Buffer.concat([Buffer.from('28b52ffd', 'hex'), ZEROS]),
  ),
  hostile('compressed', 'bytes that begin as zip', () =>
    Buffer.concat([Buffer.from('PK\u0003\u0004'), ZEROS]),
  ),
  hostile('truncated', 'cut within a header', () => archive(good(), good()).subarray(0, 2 * BLOCK + 100)),
  hostile('truncated', 'cut within content', () => member('data/a', 'x'.repeat(3_000)).subarray(0, 2_000)),
  hostile('truncated', 'cut within padding', () => member('data/a', 'xyz').subarray(0, BLOCK + 100)),
  hostile('truncated', 'cut within pax records', () =>
    pax(['path', 'a'.repeat(600)]).subarray(0, BLOCK + 300),
  ),
  hostile('truncated', 'a size of 8 GiB and nothing behind it', () =>
    archive(member('a', '', { edit: size('77777777777') })),
  ),
  hostile('no-end', 'no blocks of zeros at the end', () => good()),
  hostile('no-end', 'one block of zeros at the end', () => Buffer.concat([good(), ZEROS])),
  hostile('no-end', 'a block of zeros and a half', () => Buffer.concat([good(), ZEROS, ZEROS.subarray(200)])),
  hostile('bad-checksum', 'a second header with a wrong sum', () =>
    archive(good(), member('a', '', { edit: (h) => void h.write('b', 0), sum: false })),
  ),
  hostile('bad-checksum', 'text where a header should be', () => archive(good(), Buffer.alloc(BLOCK, 'x'))),
  hostile('lone-zero-block', 'a member after one block of zeros', () =>
    archive(good(), ZEROS, member('data/hidden', 'x')),
  ),
  hostile('bytes-after-end', 'a member after the end', () =>
    Buffer.concat([archive(good()), member('data/hidden', 'x')]),
  ),
  hostile('bytes-after-end', 'one byte after the end and many zeros', () =>
    Buffer.concat([archive(good()), Buffer.alloc(9_000), Buffer.from('!')]),
  ),
  hostile('unknown-format', 'another magic than a tar has', () =>
    archive(member('a', '', { edit: magic('nonsense') })),
  ),
  hostile('unknown-type', 'a volume label', () => archive(member('VOLUME', '', { flag: 'V' }))),
  hostile('unknown-type', 'the rest of a file of another volume', () =>
    archive(member('a', '', { flag: 'M' })),
  ),
  hostile('unknown-type', "GNU's list of a folder", () => archive(member('a', 'Yb\0', { flag: 'D' }))),
  hostile('unknown-type', "Sun's pax records", () =>
    archive(member('a', paxRecord('path', 'b'), { flag: 'X' }), good()),
  ),
  hostile('unknown-type', 'a contiguous file', () => archive(member('a', '', { flag: '7' }))),
  hostile('unknown-type', 'a type that nobody has', () => archive(member('a', '', { flag: '~' }))),
  hostile('symbolic-link', 'a symbolic link', () =>
    archive(member('data/a', '', { flag: '2', edit: (h) => void h.write('/etc/passwd', 157) })),
  ),
  hostile('hard-link', 'a hard link', () =>
    archive(member('data/a', '', { flag: '1', edit: (h) => void h.write('metadata.txt', 157) })),
  ),
  hostile('device', 'a character device', () => archive(member('data/null', '', { flag: '3' }))),
  hostile('device', 'a block device', () => archive(member('data/sda', '', { flag: '4' }))),
  hostile('fifo', 'a pipe', () => archive(member('data/pipe', '', { flag: '6' }))),
  hostile('sparse', "GNU's old sparse file", () =>
    archive(member('a', 'x', { flag: 'S', edit: magic('ustar  \0') })),
  ),
  hostile('sparse', 'a sparse file in pax records', () =>
    archive(pax(['GNU.sparse.major', '1'], ['GNU.sparse.name', 'b']), good()),
  ),
  hostile('number-malformed', 'a size that is a word', () =>
    archive(member('a', '', { edit: size('large') })),
  ),
  hostile('number-malformed', 'a size of blanks', () =>
    archive(member('a', '', { edit: size(' '.repeat(11)) })),
  ),
  hostile('number-malformed', 'digits after the end of a size', () =>
    archive(member('a', '', { edit: size('1\u00002') })),
  ),
  hostile('number-malformed', 'a negative size in binary', () =>
    archive(member('a', '', { edit: (h) => void h.fill(0xff, 124, 136) })),
  ),
  hostile('number-malformed', 'a size with a first byte that means nothing', () =>
    archive(member('a', '', { edit: (h) => void h.fill(0xc0, 124, 136) })),
  ),
  hostile('number-malformed', 'a mode that is a word', () =>
    archive(member('a', '', { edit: (h) => void h.write('rwxrwxrw', 100) })),
  ),
  hostile('number-malformed', 'a negative size in a pax record', () => archive(pax(['size', '-1']), good())),
  hostile('number-malformed', 'a hexadecimal size in a pax record', () =>
    archive(pax(['size', '0x10']), good()),
  ),
  hostile('number-malformed', 'a time that is none in a pax record', () =>
    archive(pax(['mtime', 'yesterday']), good()),
  ),
  hostile('size-too-large', 'a size of 2^60 in binary', () =>
    archive(member('a', '', { edit: (h) => binary(h, 2n ** 60n) })),
  ),
  hostile('size-too-large', 'a size of 2^50 in binary', () =>
    archive(member('a', '', { edit: (h) => binary(h, 2n ** 50n) })),
  ),
  hostile('size-too-large', 'a pax size of 10^30', () =>
    archive(pax(['size', `1${'0'.repeat(30)}`]), good()),
  ),
  hostile('size-conflict', 'a pax size that hides a member in content', () =>
    archive(pax(['size', '1024']), member('a', '', { size: 0 }), member('data/hidden', 'x')),
  ),
  hostile('size-conflict', 'a pax size smaller than the header says', () =>
    archive(pax(['size', '1']), member('a', 'xyz')),
  ),
  hostile('directory-with-size', 'a folder with a size', () => archive(member('data/', 'x', { flag: '5' }))),
  hostile('file-named-as-directory', 'a file whose name ends with a slash', () =>
    archive(member('data/a/', 'x')),
  ),
  hostile('ambiguous-prefix', 'half a name in a header of GNU form', () =>
    archive(
      member('a', '', {
        edit: (h) => {
          magic('ustar  \0')(h);
          h.write('data', 345);
        },
      }),
    ),
  ),
  hostile('ambiguous-prefix', 'half a name in a header of the old form', () =>
    archive(
      member('a', '', {
        edit: (h) => {
          h.fill(0, 257, 265);
          h.write('data', 345);
        },
      }),
    ),
  ),
  hostile('name-conflict', 'a name in a pax record and one in a long name', () =>
    archive(extension('L', 'data/a\0'), pax(['path', 'data/b']), member('c', 'x')),
  ),
  hostile('repeated-header', 'two pax headers for one member', () =>
    archive(pax(['path', 'a']), pax(['path', 'b']), good()),
  ),
  hostile('repeated-header', 'two long names for one member', () =>
    archive(extension('L', 'a\0'), extension('L', 'b\0'), good()),
  ),
  hostile('repeated-header', 'a global header between a pax header and its member', () =>
    archive(pax(['path', 'a']), extension('g', paxRecord('comment', 'x')), good()),
  ),
  hostile('dangling-header', 'a pax header at the end', () => archive(good(), pax(['path', 'a']))),
  hostile('dangling-header', 'a global header at the end', () => archive(good(), extension('g', ''))),
  hostile('dangling-header', 'a long name, and then nothing', () =>
    Buffer.concat([good(), extension('L', 'a\0')]),
  ),
  hostile('long-link', 'a long link name', () => archive(extension('K', '/etc/passwd\0'), good())),
  hostile('header-too-large', 'a pax header of 2 MiB', () =>
    archive(extension('x', Buffer.alloc(2 * 1024 * 1024, '1'))),
  ),
  hostile('header-too-large', 'a long name that says it has 8 GiB', () =>
    archive(member('././@LongLink', '', { flag: 'L', edit: size('77777777777') })),
  ),
  hostile('headers-too-large', 'twenty global headers of 60 KiB', () =>
    archive(
      ...Array.from({ length: 20 }, () => extension('g', paxRecord('comment', 'x'.repeat(60_000)))),
      good(),
    ),
  ),
  hostile('pax-malformed', 'a pax record without a length', () => archive(raw('path=a\n'), good())),
  hostile('pax-malformed', 'a pax record longer than its header', () => archive(raw('99 path=a\n'), good())),
  hostile('pax-malformed', 'a pax record shorter than its text', () =>
    archive(raw('8 path=abcdef\n'), good()),
  ),
  hostile('pax-malformed', 'a pax record with a length of 0', () => archive(raw('0 path=a\n'), good())),
  hostile('pax-malformed', 'a pax record with a negative length', () => archive(raw('-5 path=a\n'), good())),
  hostile('pax-malformed', 'a pax record with zeros before its length', () =>
    archive(raw('000010 path=a\n'), good()),
  ),
  hostile('pax-malformed', 'a pax record without `=`', () => archive(raw('8 patha\n'), good())),
  hostile('pax-malformed', 'a pax keyword that is no ASCII', () =>
    archive(extension('x', Buffer.from('10 p\xafth=x\n', 'latin1')), good()),
  ),
  hostile('pax-malformed', 'a pax record without its line break', () => archive(raw('10 path=abc'), good())),
  hostile('pax-repeated', 'a path twice in one pax header', () =>
    archive(pax(['path', 'a'], ['path', '../b']), good()),
  ),
  hostile('pax-repeated', 'an empty path in a pax record', () => archive(pax(['path', '']), good())),
  hostile('pax-link', 'where a link leads in a pax record', () =>
    archive(pax(['linkpath', '/etc/passwd']), good()),
  ),
  hostile('pax-charset', 'names in another character set', () =>
    archive(pax(['hdrcharset', 'ISO-8859-1']), good()),
  ),
  hostile('global-name', 'one path for all members', () =>
    archive(extension('g', paxRecord('path', 'data/a')), good()),
  ),
  hostile('global-name', 'one size for all members', () =>
    archive(extension('g', paxRecord('size', '0')), good()),
  ),
  hostile('long-name-malformed', 'a long name that goes on after its end', () =>
    archive(extension('L', 'data/a\0/../../b\0'), good()),
  ),
  hostile('name-empty', 'no name', () => archive(named(Buffer.alloc(0)))),
  hostile('name-empty', 'an empty long name', () => archive(extension('L', '\0'), good())),
  hostile('name-absolute', 'an absolute name', () => archive(member('/etc/passwd', 'x'))),
  hostile('name-absolute', 'an absolute name in a pax record', () =>
    archive(pax(['path', '/etc/passwd']), good()),
  ),
  hostile('name-absolute', 'an absolute name in two halves', () =>
    archive(tarBytes([{ path: 'passwd', prefix: '/etc' }], false)),
  ),
  hostile('name-climbs', '`..` at the beginning', () => archive(member('../a', 'x'))),
  hostile('name-climbs', '`..` in the middle', () => archive(member('data/a/../../../b', 'x'))),
  hostile('name-climbs', '`..` at the end', () => archive(member('data/..', '', { flag: '5' }))),
  hostile('name-climbs', '`..` in a long name', () =>
    archive(extension('L', `${'a/'.repeat(60)}../b\0`), good()),
  ),
  hostile('name-climbs', '`..` put together from two halves', () =>
    archive(tarBytes([{ path: '../x', prefix: 'data' }], false)),
  ),
  hostile('name-nul', 'a NUL in a pax path', () => archive(pax(['path', 'data/a\0.txt']), good())),
  hostile('name-not-utf8', 'a name in Latin-1', () => archive(named(Buffer.from('data/\xe9', 'latin1')))),
  hostile('name-not-utf8', 'a slash in two bytes (overlong UTF-8)', () =>
    archive(named(Buffer.from('data\xc0\xafx', 'latin1'))),
  ),
  hostile('name-not-utf8', 'half a surrogate pair', () =>
    archive(named(Buffer.from('data/\xed\xa0\x80', 'latin1'))),
  ),
  hostile('name-too-long', 'a path of 5,000 bytes', () =>
    archive(pax(['path', `${'data/'.repeat(1_000)}a`]), good()),
  ),
  hostile('name-too-long', 'a part of 256 bytes', () =>
    archive(pax(['path', `data/${'é'.repeat(128)}`]), good()),
  ),
  hostile('name-too-deep', 'a path of 101 parts', () =>
    archive(pax(['path', Array.from({ length: 101 }, () => 'a').join('/')]), good()),
  ),
  hostile('duplicate-name', 'a name twice', () => archive(member('data/a', '1'), member('data/a', '2'))),
  hostile('duplicate-name', 'a name twice, once with `./`', () =>
    archive(member('data/a', '1'), member('./data//a', '2')),
  ),
  hostile('duplicate-name', '`metadata.txt` twice', () => archive(good(), good())),
  hostile('duplicate-name', 'a folder twice', () =>
    archive(member('data/', '', { flag: '5' }), member('data', '', { flag: '5' })),
  ),
  hostile('duplicate-name', 'a name twice, far from each other', () =>
    archive(
      member('data/a', '1'),
      ...Array.from({ length: 3_000 }, (_, n) => member(`data/${n}`)),
      member('data/a', '2'),
    ),
  ),
  hostile('name-collision', 'names that differ in case', () =>
    archive(member('data/Readme', '1'), member('data/README', '2')),
  ),
  hostile('name-collision', 'folders that differ in case', () =>
    archive(member('data/A/x', '1'), member('data/a/y', '2')),
  ),
  hostile('name-collision', 'one name in two Unicode forms', () =>
    archive(member('data/\u00e9', '1'), member('data/e\u0301', '2')),
  ),
  hostile('name-collision', 'the sign of Kelvin and a k', () =>
    archive(member('data/\u212a', '1'), member('data/k', '2')),
  ),
  hostile('file-and-directory', 'a file that is a folder later', () =>
    archive(member('data/a', '1'), member('data/a/b', '2')),
  ),
  hostile('file-and-directory', 'a folder that is a file later', () =>
    archive(member('data/a/b', '1'), member('data/a', '2')),
  ),
];
