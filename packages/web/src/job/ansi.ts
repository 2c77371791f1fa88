/** A piece of a line in one style: what a terminal would show. */
export interface AnsiPiece {
  readonly text: string;
  /** 0–15, the colours that every terminal has. */
  readonly color?: number;
  readonly bold?: boolean;
  readonly dim?: boolean;
}

// Control sequences (ECMA-48): CSI … final byte, OSC … BEL or ST, and the two-character escapes.
const SEQUENCE = /\u001b(?:\[([0-9;:?]*)[ -/]*([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])/g;
// What is left of the invisible ones; a tab is layout.
const INVISIBLE = /[\u0000-\u0008\u000a-\u001f\u007f]/g;

/**
 * Reads a line as a terminal would: colours and weights are kept, all other control sequences are dropped, and what a
 * carriage return overwrote (progress bars) is gone.
 */
export function readAnsi(line: string): readonly AnsiPiece[] {
  const shown = lastWritten(line);
  const pieces: AnsiPiece[] = [];
  let style: Omit<AnsiPiece, 'text'> = {};
  let at = 0;
  const push = (text: string) => {
    const visible = text.replace(INVISIBLE, '');
    if (visible !== '') pieces.push({ text: visible, ...style });
  };
  for (const found of shown.matchAll(SEQUENCE)) {
    push(shown.slice(at, found.index));
    if (found[2] === 'm') style = restyle(style, found[1] ?? '');
    at = found.index + found[0].length;
  }
  push(shown.slice(at));
  return pieces;
}

function lastWritten(line: string): string {
  const parts = line.replace(/\r+$/, '').split('\r');
  return parts.at(-1) ?? '';
}

function restyle(style: Omit<AnsiPiece, 'text'>, codes: string): Omit<AnsiPiece, 'text'> {
  const numbers = codes === '' ? [0] : codes.split(/[;:]/).map(Number);
  for (let at = 0; at < numbers.length; at++) {
    const code = numbers[at] ?? 0;
    if (code === 0) style = {};
    else if (code === 1) style = { ...style, bold: true };
    else if (code === 2) style = { ...style, dim: true };
    else if (code === 22) style = { ...style, bold: undefined, dim: undefined };
    else if (code === 39) style = { ...style, color: undefined };
    else if (code >= 30 && code <= 37) style = { ...style, color: code - 30 };
    else if (code >= 90 && code <= 97) style = { ...style, color: code - 82 };
    else if (code === 38 || code === 48) {
      // 256 and true colours: only the first sixteen keep their meaning on both backgrounds.
      const color = numbers[at + 1] === 5 ? numbers[at + 2] : undefined;
      if (code === 38 && color !== undefined && color < 16) style = { ...style, color };
      at += numbers[at + 1] === 5 ? 2 : 4;
    }
  }
  return style;
}
