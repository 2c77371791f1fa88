/** How a path tells the project (contracts/caejobdiary.md): a folder of this form, directly below one of that form. */
export interface ProjectPatterns {
  /** What the name of the folder above contains. */
  readonly parent: RegExp;
  /** What the whole name of the project's folder is. */
  readonly folder: RegExp;
}

export const defaultProjectParent = '_prj|_pcae_';
export const defaultProjectFolder = '[0-9rq]\\d{6}(?:v\\d{2})?';

/** @throws SyntaxError if one of them is no regular expression */
export function projectPatterns(parent: string, folder: string): ProjectPatterns {
  return { parent: new RegExp(parent), folder: new RegExp(`^(?:${folder})$`) };
}

/**
 * The project of a directory; of several, the last.
 *
 * @example projectOfPath('/mnt/x_prj/3001234/run', projectPatterns('_prj', '\\d{7}')) // '3001234'
 */
export function projectOfPath(path: string, { parent, folder }: ProjectPatterns): string | undefined {
  const folders = path.split('/');
  for (let i = folders.length - 1; i > 0; i -= 1) {
    const [above = '', name = ''] = [folders[i - 1], folders[i]];
    if (folder.test(name) && parent.test(above)) return name;
  }
  return undefined;
}
