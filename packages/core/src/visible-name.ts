/*
 * Names of files are anybody's: line breaks forge lines of a log, control characters move a terminal's cursor, and marks of writing
 * direction let `gpj.exe` read as `exe.jpg` (Unicode Technical Report 36, "Bidirectional Text Spoofing"). Joiners (U+200C, U+200D)
 * stay: words and emoji are written with them.
 */
const UNSEEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const usual: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A name as it is shown to people: what cannot be seen, or changes how the rest is seen, as an escape. For their eyes alone: a
 * name that holds a backslash itself looks the same.
 *
 * @example visibleName('photo\u202egpj.exe') // 'photo\\u202egpj.exe'
 */
export function visibleName(name: string): string {
  return name.replace(
    UNSEEN,
    (character) => usual[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
