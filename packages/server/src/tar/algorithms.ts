import { getHashes } from 'node:crypto';

/** Names as people write them (`SHA-256`, `sha3_512`) → as the platform calls them. Not those that sign. */
const known = new Map(
  getHashes()
    .filter((name) => !/rsa|with|encryption|shake|md5-sha1/i.test(name))
    .map((name) => [plain(name), name.toLowerCase()]),
);

/** The platform's name of a hash; undefined for one that it does not know. */
export function platformHash(name: string): string | undefined {
  return known.get(name) ?? known.get(plain(name));
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}
