import type { BigIntStats } from 'node:fs';
import { lstat, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dataset, type DatasetDetail, DaybookError, isDatasetName } from '@daybook/core';
import type { Logger } from 'pino';
import { record } from '../access/audit.ts';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import { decodeCursor, encodeCursor } from '../paging.ts';
import type { Store } from '../storage/index.ts';
import { type Entry, inspect, type OpenFile } from './inspect.ts';
import { pooled } from './pooled.ts';

export interface DatasetsParts {
  /** The input directory; without one there are no datasets. */
  readonly directory: string | undefined;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** How a tar is opened. */
  readonly open?: OpenFile;
}

/** Where an entry lies: `archive/` below the input directory, or the directory itself. */
interface Place {
  readonly file: string;
  readonly archived: boolean;
}

interface Known {
  /** Changes when the file does. */
  readonly stamp: string;
  readonly dataset: Dataset;
}

const ARCHIVE = 'archive';
/** Files looked at side by side: enough for a slow disk, few enough to leave the rest of the server its threads. */
const AT_ONCE = 32;

/**
 * The importable datasets of the input directory (contracts/microdata.md). What a tar holds is read once and
 * remembered as long as its time, size and inode stay as they are.
 */
export class Datasets {
  readonly #parts: DatasetsParts;
  readonly #open: OpenFile;
  readonly #known = new Map<string, Known>();

  constructor(parts: DatasetsParts) {
    this.#parts = parts;
    this.#open = parts.open ?? open;
  }

  /**
   * Every tar of the directory and its archive by name, those too that cannot be imported: `problems` says why.
   *
   * @throws DaybookError `not_found` without an input directory; `unavailable` when it cannot be read
   */
  async listDatasets(): Promise<Dataset[]> {
    return await this.#inspectAll(await this.#places());
  }

  /** A page of {@link listDatasets}; only what is on it is looked at. Throws `invalid_cursor`, too. */
  async pageOfDatasets(page: { limit: number; cursor?: string | undefined; q?: string | undefined }) {
    const places = await this.#places();
    const wanted = places.filter(({ file }) => page.q === undefined || file.startsWith(page.q));
    const after = page.cursor === undefined ? undefined : decodeCursor('datasets', page.cursor, shape);
    const start = after === undefined ? 0 : wanted.findIndex((place) => comesAfter(place, after));
    const shown = start < 0 ? [] : wanted.slice(start, start + page.limit);
    const last = shown.at(-1);
    const more = last !== undefined && start + shown.length < wanted.length;
    return {
      items: await this.#inspectAll(shown),
      total: wanted.length,
      ...(more && { nextCursor: encodeCursor('datasets', [last.file, Number(last.archived)]) }),
    };
  }

  /**
   * One dataset with its members. Without `archived` that of the directory stands before that of the archive.
   *
   * @throws DaybookError `invalid_request` for what is no name of a dataset; `not_found`; `unavailable`
   */
  async findDataset(name: string, archived?: boolean): Promise<DatasetDetail> {
    const entry = await this.#find(name, archived);
    const { dataset, memberList } = await inspect(this.#open, entry);
    return { ...dataset, memberList };
  }

  /**
   * Deletes the tar of a dataset for good; that of the directory before that of the archive if neither is named. Links
   * are neither followed nor deleted.
   *
   * @throws DaybookError `invalid_request` for what is no name of a dataset; `not_found`; `unavailable`
   */
  async deleteDataset(actor: Actor, name: string, archived?: boolean): Promise<Place & { name: string }> {
    const { store, clock } = this.#parts;
    const entry = await this.#find(name, archived);
    const deed = {
      at: clock.now(),
      actor: actor.label,
      action: 'dataset.delete',
      subject: `dataset:${name}`,
      detail: { archived: entry.archived, size: entry.size },
    };
    // First who and what, so that nothing is ever gone without a word of it.
    await store.write((transaction) => record(transaction, deed));
    await removed(entry.path, name);
    return { name, file: entry.file, archived: entry.archived };
  }

  /** A regular file of this name, directly in the directory or its archive: nothing else can be reached. */
  async #find(name: string, archived?: boolean): Promise<Entry> {
    if (!isDatasetName(name))
      throw new DaybookError(
        'invalid_request',
        `${JSON.stringify(name.slice(0, 100))} is no name of a dataset.`,
        {
          faults: [
            { path: 'name', message: 'must be letters A to Z, digits and _, beginning with a letter' },
          ],
        },
      );
    const root = this.#root();
    const wanted = archived === undefined ? [false, true] : [archived];
    for (const each of wanted) {
      if (each && !(await hasArchive(root))) continue;
      const entry = await this.#entry(root, { file: `${name}.tar`, archived: each });
      if (entry?.entry.kind === 'file') return entry.entry;
    }
    throw new DaybookError('not_found', `There is no dataset ${name}.`);
  }

  #root(): string {
    const { directory } = this.#parts;
    if (directory === undefined)
      throw new DaybookError('not_found', 'This Daybook has no input directory: set DAYBOOK_INPUT_DIR.');
    return directory;
  }

  /** Every tar that lies there, by name. */
  async #places(): Promise<Place[]> {
    const root = this.#root();
    const inside = await filesIn(root);
    const inArchive = (await hasArchive(root)) ? await filesIn(join(root, ARCHIVE)) : [];
    const places = [
      ...inside.map((file) => ({ file, archived: false })),
      ...inArchive.map((file) => ({ file, archived: true })),
    ].filter(({ file }) => file.toLowerCase().endsWith('.tar'));
    this.#forgetAllBut(places);
    return places.sort((a, b) => compare(a, b));
  }

  async #inspectAll(places: readonly Place[]): Promise<Dataset[]> {
    const root = this.#root();
    const found = await pooled(places, AT_ONCE, (place) => this.#dataset(root, place));
    return found.filter((dataset) => dataset !== undefined);
  }

  async #dataset(root: string, place: Place): Promise<Dataset | undefined> {
    const found = await this.#entry(root, place);
    // Gone since the directory was read.
    if (found === undefined) return undefined;
    const key = keyOf(place);
    const known = this.#known.get(key);
    if (known?.stamp === found.stamp) return known.dataset;
    const { dataset } = await inspect(this.#open, found.entry);
    // What cannot be read now may be readable the next time, though nothing about the file has changed.
    if (!dataset.problems.includes('unreadable')) this.#known.set(key, { stamp: found.stamp, dataset });
    this.#warn(dataset, known?.dataset);
    return dataset;
  }

  async #entry(root: string, place: Place): Promise<{ entry: Entry; stamp: string } | undefined> {
    const path = join(root, ...(place.archived ? [ARCHIVE] : []), place.file);
    const stat = await lstatOrNothing(path);
    if (stat === undefined) return undefined;
    const entry: Entry = {
      ...place,
      path,
      size: Number(stat.size),
      modifiedAt: Number(stat.mtimeMs),
      kind: stat.isFile() ? 'file' : stat.isSymbolicLink() ? 'link' : 'other',
    };
    return { entry, stamp: `${stat.mtimeNs} ${stat.size} ${stat.ino}` };
  }

  /** Says once what is wrong with a file, not every time that somebody looks. */
  #warn({ name, archived, problems }: Dataset, before: Dataset | undefined): void {
    if (problems.length === 0 || problems.join() === before?.problems.join()) return;
    this.#parts.log.warn({ dataset: name, archived, problems }, 'a file of the input directory is left out');
  }

  #forgetAllBut(places: readonly Place[]): void {
    if (this.#known.size === 0) return;
    const there = new Set(places.map(keyOf));
    for (const key of this.#known.keys()) if (!there.has(key)) this.#known.delete(key);
  }
}

/** True for a dataset that the contract lists: it can be imported. */
export function isImportable({ hasMetadata, problems }: Dataset): boolean {
  return hasMetadata && problems.every((problem) => problem === 'too_many_members');
}

const shape = ['text', 'number'] as const;

function comesAfter(place: Place, [file, archived]: readonly (string | number)[]): boolean {
  return compare(place, { file: file as string, archived: archived === 1 }) > 0;
}

function compare(a: Place, b: Place): number {
  if (a.file === b.file) return Number(a.archived) - Number(b.archived);
  return a.file < b.file ? -1 : 1;
}

function keyOf({ file, archived }: Place): string {
  return `${archived ? ARCHIVE : '.'}/${file}`;
}

async function filesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    throw new DaybookError('unavailable', 'The input directory cannot be read.', { cause });
  }
}

/** A folder of its own, not a link to one elsewhere. */
async function hasArchive(root: string): Promise<boolean> {
  return (await lstatOrNothing(join(root, ARCHIVE)))?.isDirectory() ?? false;
}

async function lstatOrNothing(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new DaybookError('unavailable', 'The input directory cannot be read.', { cause });
  }
}

async function removed(path: string, name: string): Promise<void> {
  try {
    await unlink(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new DaybookError('not_found', `There is no dataset ${name}.`);
    throw new DaybookError('unavailable', `${name} cannot be deleted: the directory does not allow it.`, {
      cause,
    });
  }
}
