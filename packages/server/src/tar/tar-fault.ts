/**
 * What makes a tar refused, once: the id is stable and in every refusal, the text is the manual's. `early` faults mean that it
 * is no tar at all; `cut` ones that it ends or breaks off where it should go on.
 */
export const tarRules = {
  empty: { kind: 'early', text: 'there are no bytes at all' },
  compressed: {
    kind: 'early',
    text: 'it is compressed (gzip, bzip2, xz, zstd, zip): the archive keeps the tar as it is sent',
  },
  'not-a-tar': { kind: 'early', text: 'its first block is no header of a tar, or it ends before that' },
  truncated: { kind: 'cut', text: 'it ends within a header, a member or its padding' },
  'no-end': { kind: 'cut', text: 'it ends without the two blocks of zeros that end a tar' },
  'bad-checksum': { kind: 'cut', text: 'a header after the first has a wrong checksum' },
  'lone-zero-block': {
    kind: 'refused',
    text: 'one block of zeros is followed by something else: some readers stop there',
  },
  'bytes-after-end': {
    kind: 'refused',
    text: 'there are other bytes than zeros after the end: some readers would see members there',
  },
  'unknown-format': { kind: 'refused', text: 'a header is neither ustar, pax, GNU nor the old form' },
  'unknown-type': {
    kind: 'refused',
    text: "a member is of a kind that readers take differently (volumes, incremental dumps, vendors' own)",
  },
  'symbolic-link': { kind: 'refused', text: 'a member is a symbolic link' },
  'hard-link': { kind: 'refused', text: 'a member is a hard link' },
  device: { kind: 'refused', text: 'a member is a device' },
  fifo: { kind: 'refused', text: 'a member is a pipe' },
  sparse: { kind: 'refused', text: 'a member is stored with holes, so that its bytes are not its content' },
  'number-malformed': {
    kind: 'refused',
    text: 'a size, time, mode, owner or device is no number as tars write it, or a size is negative',
  },
  'size-too-large': {
    kind: 'refused',
    text: 'a member says it is larger than 2^53 bytes, or than a bundle may be',
  },
  'size-conflict': {
    kind: 'refused',
    text: 'header and pax record say different sizes: readers would cut the tar differently',
  },
  'directory-with-size': {
    kind: 'refused',
    text: 'a folder has a size: some readers skip as many bytes, some do not',
  },
  'file-named-as-directory': {
    kind: 'refused',
    text: "a file's name ends with a slash: some readers make a folder of it",
  },
  'ambiguous-prefix': {
    kind: 'refused',
    text: 'bytes stand where only ustar has the first half of a name: readers disagree on them',
  },
  'name-conflict': { kind: 'refused', text: 'a member is named both by a pax record and by a GNU long name' },
  'repeated-header': {
    kind: 'refused',
    text: 'two extension headers of one kind belong to one member, or a global one stands between',
  },
  'dangling-header': { kind: 'refused', text: 'an extension header is followed by no member' },
  'long-link': { kind: 'refused', text: 'there is a GNU long link name, which only links have' },
  'header-too-large': { kind: 'refused', text: 'an extension header is larger than 1 MiB' },
  'headers-too-large': { kind: 'refused', text: 'global pax records are larger than 1 MiB together' },
  'pax-malformed': { kind: 'refused', text: 'a pax record is not of the form `LENGTH KEY=VALUE`' },
  'pax-repeated': {
    kind: 'refused',
    text: 'a pax record that names or measures the member is there twice, or is empty',
  },
  'pax-link': { kind: 'refused', text: 'a pax record says where a link leads' },
  'pax-charset': {
    kind: 'refused',
    text: 'a pax record says that names are in another character set than UTF-8',
  },
  'global-name': { kind: 'refused', text: 'a global pax record gives all members one path or size' },
  'long-name-malformed': { kind: 'refused', text: 'a GNU long name goes on after its end' },
  'name-empty': { kind: 'refused', text: 'a member has no name' },
  'name-absolute': { kind: 'refused', text: 'a name begins with a slash' },
  'name-climbs': { kind: 'refused', text: 'a name has `..` in it' },
  'name-nul': { kind: 'refused', text: 'a name has a NUL in it' },
  'name-not-utf8': { kind: 'refused', text: 'a name is not UTF-8' },
  'name-too-long': { kind: 'refused', text: 'a path is longer than 4,096 bytes, or one part of it than 255' },
  'name-too-deep': { kind: 'refused', text: 'a path has more than 100 parts' },
  'duplicate-name': { kind: 'refused', text: 'two members have the same name' },
  'name-collision': {
    kind: 'refused',
    text: 'two names differ in case or Unicode form only: on other systems they are one',
  },
  'file-and-directory': { kind: 'refused', text: 'one name is a file and a folder' },
  'too-many-members': { kind: 'refused', text: 'it has more members than a bundle may have' },
  'too-large': { kind: 'refused', text: 'it is larger than a bundle may be' },
} as const satisfies Record<string, { kind: 'early' | 'cut' | 'refused'; text: string }>;

export type TarRule = keyof typeof tarRules;

/** A tar that is refused; `rule` is one of {@link tarRules}, the message says where and what was found. */
export class TarFault extends Error {
  override readonly name = 'TarFault';
  readonly rule: TarRule;
  /** Byte of the tar at which the header (or the end) stands. */
  readonly at: number;
  /** The message without rule and place. */
  readonly detail: string;

  constructor(rule: TarRule, at: number, detail: string = tarRules[rule].text) {
    super(`${detail} (${rule}, byte ${at} of the tar)`);
    this.rule = rule;
    this.at = at;
    this.detail = detail;
  }
}

export const tarLimits = {
  /** Bytes of a tar. */
  total: 16 * 2 ** 40,
  /** Members of all kinds. */
  members: 10_000_000,
  /** One extension header, and all global records together, bytes. */
  extension: 1024 * 1024,
  /** Bytes of a path, and of one part of it. */
  path: 4_096,
  part: 255,
  depth: 100,
} as const;
