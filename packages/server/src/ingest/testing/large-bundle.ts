import { archive, member } from '../../tar/testing/made-tar.ts';

const MEBIBYTE = 1024 * 1024;
let made: Buffer | undefined;

/** 46 MiB: large files, over which checkpoints fall, between many small ones; always the same bytes. */
export function largeBundle(): Buffer {
  made ??= archive(
    ...[0, 1].flatMap((round) => [
      ...Array.from({ length: 1_500 }, (_, n) =>
        member(`data/${round}/small-${n}`, `${round} ${n} `.repeat(n % 700)),
      ),
      member(`data/${round}/large`, Buffer.alloc(22 * MEBIBYTE, `large ${round} `)),
    ]),
    member('metadata.txt', '[]'),
  );
  return made;
}
