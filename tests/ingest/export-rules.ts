import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/*
 * What BagIt 1.0 (RFC 8493), OCFL 1.1 and RO-Crate 1.1 ask of a folder, as checks on the files as they lie on a disk. Each answers
 * what is wrong, in words; nothing if all is well.
 */

const hashOf = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex');

/** Paths of the files below a folder, with `/`, sorted. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** RFC 8493 §2 and §3: complete, and valid. */
export function bagFaults(root: string): string[] {
  const faults: string[] = [];
  const files = filesIn(root);
  const text = (name: string) => (existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8') : '');
  if (!/^BagIt-Version: 1\.0\r?\nTag-File-Character-Encoding: UTF-8\r?\n$/.test(text('bagit.txt')))
    faults.push('bagit.txt is not the declaration of a bag');
  const manifests = files.filter((path) => /^manifest-[a-z0-9]+\.txt$/.test(path));
  if (manifests.length === 0) faults.push('there is no payload manifest');
  if (!existsSync(join(root, 'data'))) faults.push('there is no payload folder');
  const payload = files.filter((path) => path.startsWith('data/'));
  const tags = files.filter((path) => !path.startsWith('data/') && !path.startsWith('tagmanifest-'));
  for (const name of manifests) faults.push(...listFaults(root, name, payload));
  for (const name of files.filter((path) => path.startsWith('tagmanifest-')))
    faults.push(...listFaults(root, name, tags));
  const [, bytes, count] = /^Payload-Oxum: (\d+)\.(\d+)$/m.exec(text('bag-info.txt')) ?? [];
  const found = payload.reduce((sum, path) => sum + readFileSync(join(root, path)).length, 0);
  if (Number(bytes) !== found || Number(count) !== payload.length)
    faults.push(`Payload-Oxum is ${bytes}.${count}, not ${found}.${payload.length}`);
  return faults;
}

/** A manifest names each of the files, once, with its hash, and nothing else. */
function listFaults(root: string, name: string, files: readonly string[]): string[] {
  const faults: string[] = [];
  const algorithm = /-([a-z0-9]+)\.txt$/.exec(name)?.[1] ?? '';
  const listed = new Set<string>();
  for (const line of readFileSync(join(root, name), 'utf8').split(/\r\n|\n|\r/)) {
    if (line === '') continue;
    const [, hash = '', written = ''] = /^([0-9a-f]+)[ \t]+(.+)$/i.exec(line) ?? [];
    const path = written.replace(/%(0A|0D|25)/gi, decodeURIComponent);
    if (listed.has(path)) faults.push(`${name} lists ${path} twice`);
    listed.add(path);
    const isThere = existsSync(join(root, path)) && !path.split('/').includes('..');
    if (!isThere) faults.push(`${name} lists ${path}, which is not there`);
    else if (hashOf(algorithm, readFileSync(join(root, path))) !== hash.toLowerCase())
      faults.push(`${path} is not what ${name} says`);
  }
  for (const path of files) if (!listed.has(path)) faults.push(`${name} does not list ${path}`);
  return faults;
}

interface Inventory {
  readonly id?: string;
  readonly type?: string;
  readonly digestAlgorithm?: string;
  readonly head?: string;
  readonly contentDirectory?: string;
  readonly manifest?: Readonly<Record<string, readonly string[]>>;
  readonly versions?: Readonly<
    Record<
      string,
      {
        readonly created?: string;
        readonly message?: string;
        readonly user?: { readonly name?: string };
        readonly state?: Readonly<Record<string, readonly string[]>>;
      }
    >
  >;
}

/** OCFL 1.1 §3: an object, its inventory, its versions and its content. */
export function ocflFaults(root: string): string[] {
  const faults: string[] = [];
  const must = (holds: boolean, fault: string) => void (holds || faults.push(fault));
  const text = (name: string) => (existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8') : '');
  must(text('0=ocfl_object_1.1') === 'ocfl_object_1.1\n', 'it is not declared as an object');
  const inventory = JSON.parse(text('inventory.json') || '{}') as Inventory;
  const { digestAlgorithm = '', head = '', manifest = {}, versions = {} } = inventory;
  must(inventory.type === 'https://ocfl.io/1.1/spec/#inventory', 'the inventory has another type');
  must(/^[a-z]+:/.test(inventory.id ?? ''), 'the id is no URI');
  must(['sha512', 'sha256'].includes(digestAlgorithm), 'the digest algorithm is not allowed');
  const sidecar = /^([0-9a-f]+)\s+inventory\.json\s*$/.exec(text(`inventory.json.${digestAlgorithm}`))?.[1];
  must(sidecar === hashOf(digestAlgorithm, Buffer.from(text('inventory.json'))), 'the sidecar is wrong');
  const names = Object.keys(versions);
  must(
    names.every((name, i) => name === `v${i + 1}`) && names.at(-1) === head,
    'versions are not in sequence',
  );
  must(text(`${head}/inventory.json`) === text('inventory.json'), 'the head has another inventory');
  must(
    text(`${head}/inventory.json.${digestAlgorithm}`) === text(`inventory.json.${digestAlgorithm}`),
    'the head has another sidecar',
  );
  const content = inventory.contentDirectory ?? 'content';
  const placed = Object.entries(manifest).flatMap(([digest, paths]) =>
    paths.map((path) => [digest, path] as const),
  );
  must(new Set(placed.map(([, path]) => path)).size === placed.length, 'the manifest has a path twice');
  for (const [digest, path] of placed) {
    must(
      names.some((name) => path.startsWith(`${name}/${content}/`)),
      `${path} is no content of a version`,
    );
    const isThere = existsSync(join(root, path));
    must(isThere && hashOf(digestAlgorithm, readFileSync(join(root, path))) === digest, `${path} is another`);
  }
  const stored = filesIn(root).filter((path) => /^v\d+\/content\//.test(path));
  for (const path of stored)
    must(
      placed.some(([, each]) => each === path),
      `the manifest lacks ${path}`,
    );
  const own = ['0=ocfl_object_1.1', 'inventory.json', `inventory.json.${digestAlgorithm}`];
  const known = new Set([
    ...own,
    ...names.flatMap((name) => own.slice(1).map((each) => `${name}/${each}`)),
    ...stored,
  ]);
  for (const path of filesIn(root)) must(known.has(path), `${path} does not belong there`);
  for (const [name, { created = '', state = {}, user }] of Object.entries(versions)) {
    must(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(created), `${name} has no time`);
    must(user === undefined || typeof user.name === 'string', `${name} has a user without a name`);
    const logical = Object.values(state).flat();
    must(new Set(logical).size === logical.length, `${name} has a path twice`);
    for (const path of logical)
      must(
        path.split('/').every((part) => !['', '.', '..'].includes(part)),
        `${name} has the path ${path}`,
      );
    for (const digest of Object.keys(state)) must(digest in manifest, `the manifest lacks ${digest}`);
  }
  return faults;
}

type Entity = Readonly<Record<string, unknown>> & { readonly '@id': string };

/** RO-Crate 1.1, "RO-Crate Structure", "Root Data Entity" and "Data Entities". */
export function crateFaults(root: string): string[] {
  const faults: string[] = [];
  const must = (holds: boolean, fault: string) => void (holds || faults.push(fault));
  const document = JSON.parse(readFileSync(join(root, 'ro-crate-metadata.json'), 'utf8')) as {
    '@context': unknown;
    '@graph': Entity[];
  };
  must(document['@context'] === 'https://w3id.org/ro/crate/1.1/context', 'the context is another');
  const graph = document['@graph'];
  const entities = new Map(graph.map((entity) => [entity['@id'], entity]));
  must(entities.size === graph.length, 'an entity is there twice');
  const idOf = (value: unknown) => (value as { '@id'?: string } | undefined)?.['@id'];
  const descriptor = entities.get('ro-crate-metadata.json');
  must(descriptor?.['@type'] === 'CreativeWork', 'the descriptor is no CreativeWork');
  must(idOf(descriptor?.['conformsTo']) === 'https://w3id.org/ro/crate/1.1', 'it conforms to something else');
  must(idOf(descriptor?.['about']) === './', 'the descriptor is about something else');
  const dataset = entities.get('./');
  must(dataset?.['@type'] === 'Dataset', 'the root is no Dataset');
  for (const name of ['name', 'description', 'license'])
    must(
      typeof dataset?.[name] === 'string' || idOf(dataset?.[name]) !== undefined,
      `the root has no ${name}`,
    );
  must(!Number.isNaN(Date.parse(String(dataset?.['datePublished']))), 'the root has no date');
  const parts = (dataset?.['hasPart'] as unknown[] | undefined)?.map(idOf) ?? [];
  const described = new Set<string>();
  for (const id of parts) {
    const entity = entities.get(id ?? '');
    must(
      entity !== undefined && URL.canParse(id ?? '', 'file:///crate/'),
      `${id} is not described, or no URI`,
    );
    const path = decodeURIComponent(id ?? '');
    described.add(path);
    const bytes = existsSync(join(root, path)) ? readFileSync(join(root, path)) : undefined;
    must(entity?.['@type'] === 'File' && bytes !== undefined, `${path} is no file that is there`);
    must(entity?.['contentSize'] === String(bytes?.length), `${path} has another size`);
    must(entity?.['sha256'] === hashOf('sha256', bytes ?? Buffer.alloc(0)), `${path} has another hash`);
  }
  for (const path of filesIn(root))
    must(described.has(path) || path === 'ro-crate-metadata.json', `${path} is not described`);
  return faults;
}
