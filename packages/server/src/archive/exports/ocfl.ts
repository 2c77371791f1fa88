import { type Exported, type ExportFile, filesOf, memberFile, textFile } from './export-file.ts';

/** An OCFL 1.1 object with one version: the bundle's files, each by its SHA-256. */
export async function* ocfl(bundle: Exported): AsyncGenerator<ExportFile> {
  const root = `bundle-${bundle.id}`;
  const inventory = await textFile(`${root}/inventory.json`, () => inventoryText(bundle));
  const sidecar = `${inventory.sha256} inventory.json\n`;
  yield await textFile(`${root}/0=ocfl_object_1.1`, () => ['ocfl_object_1.1\n']);
  yield inventory;
  yield await textFile(`${root}/inventory.json.sha256`, () => [sidecar]);
  yield { ...inventory, path: `${root}/v1/inventory.json` };
  yield await textFile(`${root}/v1/inventory.json.sha256`, () => [sidecar]);
  for await (const member of filesOf(bundle))
    yield memberFile(bundle, member, `${root}/v1/content/${member.path}`);
}

/** Files of the same content are entries of one digest, so rows are read in its order. */
async function* inventoryText(bundle: Exported): AsyncGenerator<string> {
  const head = {
    id: `urn:daybook:bundle:${bundle.id}`,
    type: 'https://ocfl.io/1.1/spec/#inventory',
    digestAlgorithm: 'sha256',
    head: 'v1',
    contentDirectory: 'content',
  };
  yield `${JSON.stringify(head).slice(0, -1)},\n"manifest": {`;
  yield* digests(bundle, 'v1/content/');
  const version = {
    created: new Date(bundle.publishedAt).toISOString(),
    message: `Received by job ${bundle.jobId}`,
    user: { name: 'Daybook' },
  };
  yield `},\n"versions": {"v1": ${JSON.stringify(version).slice(0, -1)},\n"state": {`;
  yield* digests(bundle, '');
  yield '}}}}\n';
}

async function* digests(bundle: Exported, prefix: string): AsyncGenerator<string> {
  let current: string | undefined;
  for await (const { sha256, path } of filesByDigest(bundle)) {
    const place = JSON.stringify(prefix + path);
    if (sha256 === current) yield `, ${place}`;
    else yield `${current === undefined ? '' : '],'}\n"${sha256}": [${place}`;
    current = sha256;
  }
  if (current !== undefined) yield ']\n';
}

const PAGE = 2_000;

async function* filesByDigest({ store, id }: Exported): AsyncGenerator<{ sha256: string; path: string }> {
  let [digest, after] = ['', ''];
  for (;;) {
    const rows = await store.bulk
      .selectFrom('bundle_members')
      .select(['sha256', 'path'])
      .where('bundle_id', '=', id)
      .where('kind', '=', 'file')
      .where((eb) =>
        eb.or([eb('sha256', '>', digest), eb.and([eb('sha256', '=', digest), eb('path', '>', after)])]),
      )
      .orderBy('sha256')
      .orderBy('path')
      .limit(PAGE)
      .execute();
    for (const { sha256, path } of rows) yield { sha256: sha256 ?? '', path };
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    [digest, after] = [last.sha256 ?? '', last.path];
  }
}
