import { SaxesParser } from 'saxes';

/** An element: its text without that of its children. */
export interface XmlNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlNode[];
  text: string;
}

/** XML that is broken or cut off: what it would have said is not guessed. */
export class XmlError extends Error {
  override readonly name = 'XmlError';
}

const DEEPEST = 64;
/** Grid Engine passes on control characters that XML does not allow. */
const UNFIT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/**
 * Reads a document strictly, and gives every element named `collect` as soon as it is over; they are not kept, so that a
 * list of a hundred thousand jobs needs no tree.
 *
 * @throws XmlError
 */
export function readXml(text: string, collect: string, take: (node: XmlNode) => void): { root: string } {
  const parser = new SaxesParser();
  const open: XmlNode[] = [];
  let root = '';
  parser.on('error', (error) => {
    throw new XmlError(error.message);
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length >= DEEPEST) throw new XmlError(`is nested deeper than ${DEEPEST} levels`);
    if (open.length === 0) root = name;
    open.push({ name, attributes: { ...(attributes as Record<string, string>) }, children: [], text: '' });
  });
  parser.on('text', (part) => {
    const node = open.at(-1);
    if (node !== undefined) node.text += part;
  });
  parser.on('closetag', () => {
    const node = open.pop() as XmlNode;
    const inside = open.some(({ name }) => name === collect);
    if (node.name === collect && !inside) take(node);
    else if (inside) open.at(-1)?.children.push(node);
  });
  parser.write(text.toWellFormed().replace(UNFIT, ' ')).close();
  return { root };
}

/** Text of the first child of that name, or of the first below it by a path of names. */
export function textAt(node: XmlNode, ...path: string[]): string | undefined {
  let at: XmlNode | undefined = node;
  for (const name of path) at = at?.children.find((child) => child.name === name);
  const text = at?.text.trim();
  return text === '' ? undefined : text;
}

/** Every element of that name below a node, however deep. */
export function allNamed(node: XmlNode, name: string): XmlNode[] {
  return node.children.flatMap((child) => [
    ...(child.name === name ? [child] : []),
    ...allNamed(child, name),
  ]);
}
