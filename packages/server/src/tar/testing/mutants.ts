import { BLOCK, withSum } from './made-tar.ts';

/** Whole numbers below a limit, the same ones for the same seed (mulberry32). */
export function randomNumbers(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const fields = [
  [0, 100],
  [100, 108],
  [124, 136],
  [136, 148],
  [156, 157],
  [157, 257],
  [257, 265],
  [345, 500],
] as const;
const texts = [
  '\0',
  '/',
  '..',
  '00000000005',
  '77777777777',
  ' 5',
  '5 x',
  '\x80\0\0\0\0\0\0\0\0\0\0\x05',
  'x',
  'g',
  'L',
  'é',
  'A',
];

/** A tar like this one, with some of its blocks or bytes changed; headers keep a right sum most of the time. */
export function mutant(tar: Buffer, random: (below: number) => number): Buffer {
  let bytes = Buffer.from(tar);
  for (let n = 1 + random(3); n > 0; n--) bytes = mutated(bytes, random);
  return bytes;
}

function mutated(tar: Buffer, random: (below: number) => number): Buffer<ArrayBuffer> {
  const bytes = Buffer.from(tar);
  const blocks = Math.max(1, Math.floor(bytes.length / BLOCK));
  const at = random(blocks) * BLOCK;
  switch (random(8)) {
    case 0:
      return Buffer.from(bytes.subarray(0, random(bytes.length + 1)));
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + BLOCK)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at, at + BLOCK), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(BLOCK), bytes.subarray(at)]);
    case 4:
      return Buffer.concat([bytes, tar]);
    case 5:
      if (bytes.length > 0) bytes[random(bytes.length)] = random(256);
      return bytes;
    default:
      return withField(bytes, at, random);
  }
}

/** Another text in a field of what is most probably a header. */
function withField(
  bytes: Buffer<ArrayBuffer>,
  at: number,
  random: (below: number) => number,
): Buffer<ArrayBuffer> {
  if (at + BLOCK > bytes.length) return bytes;
  const [from, to] = fields[random(fields.length)] ?? [0, 100];
  const header = bytes.subarray(at, at + BLOCK);
  const encoding = random(2) === 0 ? 'utf8' : 'latin1';
  header.write(texts[random(texts.length)] ?? '', from, to - from, encoding);
  if (random(10) > 0) withSum(header);
  return bytes;
}
