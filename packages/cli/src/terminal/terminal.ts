import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Where the commands write: results to stdout, words about them to stderr. */
export interface Terminal {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
}

export const processTerminal: Terminal = { stdout: process.stdout, stderr: process.stderr, env: process.env };

/** A line of the result. */
export function print(terminal: Terminal, line: string): void {
  terminal.stdout.write(`${line}\n`);
}

/** A line about the result. */
export function tell(terminal: Terminal, line: string): void {
  terminal.stderr.write(`${line}\n`);
}

export function printJson(terminal: Terminal, value: unknown): void {
  terminal.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** Colour where colours are shown: on a terminal, unless `NO_COLOR`; anywhere with `FORCE_COLOR`. */
export function paint(stream: NodeJS.WriteStream, style: Style, text: string): string {
  return styleText(style, text, { stream });
}

/** Columns to fill; undefined when nobody looks, and then nothing is cut. */
export function columnsOf(stream: NodeJS.WriteStream): number | undefined {
  return stream.isTTY ? stream.columns || 80 : undefined;
}
