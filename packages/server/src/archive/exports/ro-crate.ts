import { type Exported, type ExportFile, filesOf, memberFile, textFile } from './export-file.ts';

/** RO-Crate 1.1: the bundle's files as they are, described in `ro-crate-metadata.json` (JSON-LD). */
export async function* roCrate(bundle: Exported): AsyncGenerator<ExportFile> {
  const root = `bundle-${bundle.id}`;
  yield await textFile(`${root}/ro-crate-metadata.json`, () => crateText(bundle));
  for await (const member of filesOf(bundle)) {
    const path = member.path === 'ro-crate-metadata.json' ? `bundle/${member.path}` : member.path;
    yield memberFile(bundle, member, `${root}/${path}`);
  }
}

async function* crateText(bundle: Exported): AsyncGenerator<string> {
  const head = [
    {
      '@id': 'ro-crate-metadata.json',
      '@type': 'CreativeWork',
      conformsTo: { '@id': 'https://w3id.org/ro/crate/1.1' },
      about: { '@id': './' },
    },
  ];
  const dataset = {
    '@id': './',
    '@type': 'Dataset',
    name: `Bundle ${bundle.id}`,
    description: `What job ${bundle.jobId} brought into the archive`,
    identifier: `daybook-bundle-${bundle.id}`,
    datePublished: new Date(bundle.publishedAt).toISOString(),
    license: 'unknown',
  };
  yield `{"@context": "https://w3id.org/ro/crate/1.1/context",\n"@graph": [\n`;
  yield head.map((entity) => JSON.stringify(entity)).join(',\n');
  yield `,\n${JSON.stringify(dataset).slice(0, -1)},"hasPart":[`;
  let separator = '';
  for await (const { path } of filesOf(bundle)) {
    yield `${separator}\n{"@id":${JSON.stringify(idOf(path))}}`;
    separator = ',';
  }
  yield ']}';
  for await (const { path, size, sha256, mime_type } of filesOf(bundle)) {
    const file = {
      '@id': idOf(path),
      '@type': 'File',
      name: path,
      contentSize: String(size),
      encodingFormat: mime_type ?? 'application/octet-stream',
      sha256,
    };
    yield `,\n${JSON.stringify(file)}`;
  }
  yield '\n]}\n';
}

/** A relative reference (RFC 3986): what is no character of a path is encoded. */
function idOf(path: string): string {
  const place = path === 'ro-crate-metadata.json' ? `bundle/${path}` : path;
  return place.split('/').map(encodeURIComponent).join('/');
}
