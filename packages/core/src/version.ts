/**
 * The order of versions: semantic versioning 2.0.0, §11, made total, so that every list of versions has one order and
 * one latest, whatever people wrote into old files.
 */

interface ParsedVersion {
  readonly release: readonly string[];
  readonly prerelease: readonly string[];
}

// The letter v and the number of parts are free: `v2`, `1.4` and `1.2.3.4` are versions to those who write them.
const SEMANTIC = /^[vV]?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?$/;

/**
 * Negative if `a` comes before `b`, positive if after, 0 only if they are the same text.
 *
 * 1. What is no version (`draft`) comes before every version, in natural order: `r2` before `r12`.
 * 2. Release numbers are compared as numbers, missing ones as 0 (`1.2` is `1.2.0`).
 * 3. A prerelease comes before its release, and prereleases are compared part by part (semver §11.4).
 * 4. What semver calls equal (`1.0.0+a` and `1.0.0+b`, `v1` and `1.0.0`) is told apart by its characters, so that
 *    the order is total.
 */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (left && right) return comparePrecedence(left, right) || compareText(a, b);
  if (left || right) return left ? 1 : -1;
  return compareNatural(a, b) || compareText(a, b);
}

/** The version that comes last, or undefined of none. */
export function latestVersion(versions: Iterable<string>): string | undefined {
  let latest: string | undefined;
  for (const version of versions)
    if (latest === undefined || compareVersions(version, latest) > 0) latest = version;
  return latest;
}

/**
 * The version to give to the next content, above all of `versions`: the next minor one (`1.4.2` → `1.5.0`), or the next
 * number behind what is no version (`draft` → `draft2`). `1.0.0` of none.
 */
export function nextVersion(versions: Iterable<string>): string {
  const latest = latestVersion(versions);
  if (latest === undefined) return '1.0.0';
  const parsed = parseVersion(latest);
  if (parsed === undefined) {
    const [, text, digits] = /^(.*?)(\d*)$/.exec(latest) ?? [];
    return `${text}${digits === '' ? 2 : BigInt(digits ?? 0) + 1n}`;
  }
  const [major = '0', minor = '0', ...rest] = parsed.release;
  const prefix = /^[vV]/.exec(latest)?.[0] ?? '';
  return `${prefix}${[major, BigInt(minor) + 1n, ...(rest.length > 0 ? rest : ['0']).map(() => 0)].join('.')}`;
}

function parseVersion(text: string): ParsedVersion | undefined {
  const found = SEMANTIC.exec(text);
  if (!found) return undefined;
  return { release: (found[1] ?? '').split('.'), prerelease: found[2]?.split('.') ?? [] };
}

function comparePrecedence(a: ParsedVersion, b: ParsedVersion): number {
  for (let at = 0; at < Math.max(a.release.length, b.release.length); at += 1) {
    const order = compareDigits(a.release[at] ?? '0', b.release[at] ?? '0');
    if (order !== 0) return order;
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0)
    return b.prerelease.length - a.prerelease.length;
  for (let at = 0; at < Math.max(a.prerelease.length, b.prerelease.length); at += 1) {
    const order = compareIdentifiers(a.prerelease[at], b.prerelease[at]);
    if (order !== 0) return order;
  }
  return 0;
}

/** One part of a prerelease: fewer parts first, numbers before words, numbers by value, words by character. */
function compareIdentifiers(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const [aIsNumber, bIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (aIsNumber && bIsNumber) return compareDigits(a, b);
  if (aIsNumber || bIsNumber) return aIsNumber ? -1 : 1;
  return compareText(a, b);
}

/** Compares digits as numbers of any size: a build number may be longer than a double is exact. */
function compareDigits(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+(?=\d)/, ''), b.replace(/^0+(?=\d)/, '')];
  return left.length - right.length || compareText(left, right);
}

function compareNatural(a: string, b: string): number {
  const [left, right] = [a.split(/(\d+)/), b.split(/(\d+)/)]; // every second piece is digits
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const compare = at % 2 === 1 ? compareDigits : compareText;
    const order = compare(left[at] ?? '', right[at] ?? '');
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
