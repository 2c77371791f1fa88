import {
  type Exported,
  type ExportedMember,
  type ExportFile,
  filesOf,
  memberFile,
  textFile,
} from './export-file.ts';

/*
 * BagIt 1.0 (RFC 8493): the payload are the bundle's files under `data/`; everything else of it (`metadata.txt`) are tag files
 * beside it.
 */

const reserved = /^(bagit|bag-info|fetch|(tag)?manifest-[^/]+)\.txt$/;

export async function* bagit(bundle: Exported): AsyncGenerator<ExportFile> {
  const root = `bundle-${bundle.id}`;
  const payload = await textFile(`${root}/manifest-sha256.txt`, () => lines(bundle, isPayload));
  const declaration = await textFile(`${root}/bagit.txt`, () => [
    'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n',
  ]);
  const info = await bagInfo(bundle, root);
  const own = [declaration, info, payload];
  const tags = await textFile(`${root}/tagmanifest-sha256.txt`, async function* () {
    for (const { path, sha256 } of own) yield `${sha256}  ${path.slice(root.length + 1)}\n`;
    yield* lines(bundle, (path) => !isPayload(path));
  });
  yield* [...own, tags];
  for await (const member of filesOf(bundle))
    yield memberFile(bundle, member, `${root}/${placeOf(member.path)}`);
}

async function bagInfo(bundle: Exported, root: string) {
  let [bytes, count] = [0, 0];
  for await (const { path, size } of filesOf(bundle))
    if (isPayload(path)) {
      bytes += size;
      count += 1;
    }
  return await textFile(`${root}/bag-info.txt`, () => [
    `Bagging-Date: ${new Date(bundle.publishedAt).toISOString().slice(0, 10)}\n`,
    `External-Identifier: daybook-bundle-${bundle.id}\n`,
    `Payload-Oxum: ${bytes}.${count}\n`,
  ]);
}

async function* lines(bundle: Exported, of: (path: string) => boolean): AsyncGenerator<string> {
  for await (const member of filesOf(bundle)) if (of(member.path)) yield line(member);
}

/** RFC 8493 §2.1.3: line breaks, and then percent signs, are encoded. */
function line({ sha256, path }: ExportedMember): string {
  const encoded = placeOf(path).replace(/[%\n\r]/g, (c) => encodeURIComponent(c));
  return `${sha256}  ${encoded}\n`;
}

function isPayload(path: string): boolean {
  return path.startsWith('data/');
}

/** A bundle may have files by the names of a bag's own. */
function placeOf(path: string): string {
  return reserved.test(path) ? `bundle/${path}` : path;
}
