import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { type Dataset, type DatasetMember, type DatasetProblem, isDatasetName, toIso } from '@daybook/core';
import { BrokenTarError, walkTar } from './tar-headers.ts';

/** How a file is opened; tests count what is read of it. */
export type OpenFile = (path: string, flags: number) => Promise<Pick<FileHandle, 'read' | 'stat' | 'close'>>;

/** What `lstat` said of an entry of the input directory. */
export interface Entry {
  /** Its name in the directory, e.g. `MY_DATASET.tar`. */
  readonly file: string;
  readonly archived: boolean;
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly kind: 'file' | 'link' | 'other';
}

/** Headers of one tar that are looked at. */
const MOST_HEADERS = 50_000;
/** Members of one dataset that are shown. */
const MOST_SHOWN = 1_000;

/** A link that was put there after `lstat` is not followed, a pipe not waited for. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** The name of a dataset: that of its file without `.tar`; a file with another ending keeps its own. */
export function datasetNameOf(file: string): string {
  return file.endsWith('.tar') ? file.slice(0, -'.tar'.length) : file;
}

/** What an entry holds, from its headers alone. Never throws for what is wrong with it: that is in `problems`. */
export async function inspect(
  open: OpenFile,
  entry: Entry,
): Promise<{ dataset: Dataset; memberList: DatasetMember[] }> {
  const name = datasetNameOf(entry.file);
  const problems = new Set<DatasetProblem>();
  const memberList: DatasetMember[] = [];
  let [members, hasMetadata, hasData] = [0, false, false];
  if (entry.kind === 'link') problems.add('link');
  else if (entry.kind === 'other') problems.add('not_a_file');
  if (!isDatasetName(name)) problems.add('bad_name');
  if (problems.size === 0) {
    const problem = await walkFile(open, entry, (member) => {
      members += 1;
      if (members <= MOST_SHOWN) memberList.push(member);
      hasMetadata ||= member.type === 'file' && member.path === `${name}.json`;
      hasData ||= member.path === 'chunks' || member.path.startsWith('chunks/');
    });
    if (problem !== undefined) problems.add(problem);
    if (!hasMetadata && problem === undefined) problems.add('no_metadata');
  }
  const { archived, size, modifiedAt } = entry;
  const dataset: Dataset = {
    name,
    archived,
    size,
    modifiedAt: toIso(modifiedAt),
    hasMetadata,
    hasData,
    members,
    problems: [...problems],
  };
  return { dataset, memberList };
}

async function walkFile(
  open: OpenFile,
  entry: Entry,
  visit: (member: DatasetMember) => void,
): Promise<DatasetProblem | undefined> {
  let handle: Awaited<ReturnType<OpenFile>> | undefined;
  try {
    handle = await open(entry.path, FLAGS);
    const stat = await handle.stat();
    if (!stat.isFile()) return 'not_a_file';
    const read = reader(handle);
    return (await walkTar(read, stat.size, MOST_HEADERS, visit)) === 'cut' ? 'too_many_members' : undefined;
  } catch (error) {
    if (error instanceof BrokenTarError) return 'broken_tar';
    // A disk that fails, a file that may not be read, a link since `lstat`.
    return (error as NodeJS.ErrnoException).code === 'ELOOP' ? 'link' : 'unreadable';
  } finally {
    await handle?.close();
  }
}

function reader(handle: Pick<FileHandle, 'read'>) {
  return async (length: number, position: number): Promise<Buffer> => {
    const buffer = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  };
}
