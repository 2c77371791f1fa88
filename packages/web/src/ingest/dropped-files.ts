import type { ChosenFile } from './browser-bundle.ts';

/** What was dropped on the page, folders with all that is in them. */
export async function droppedFiles(transfer: DataTransfer): Promise<ChosenFile[]> {
  // Asked for at once: what was dropped is forgotten when the event is over.
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry()).filter(
    (entry) => entry !== null,
  );
  const files = await Promise.all(entries.map((entry) => filesIn(entry, '')));
  return files.flat();
}

async function filesIn(entry: FileSystemEntry, prefix: string): Promise<ChosenFile[]> {
  const path = prefix + entry.name;
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path, file }];
  }
  if (!isFolder(entry)) return [];
  const found: ChosenFile[] = [];
  for (const child of await childrenOf(entry)) found.push(...(await filesIn(child, `${path}/`)));
  return found;
}

/** A folder tells of its content a hundred at a time. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

/** What was chosen in a dialog; of a folder, paths begin with its name. */
export function chosenFiles(list: FileList | null): ChosenFile[] {
  return Array.from(list ?? [], (file) => ({ path: file.webkitRelativePath || file.name, file }));
}
