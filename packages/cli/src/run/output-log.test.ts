import { describe, expect, it } from 'vitest';
import { Masker } from './masker.ts';
import { OutputLog } from './output-log.ts';
import { DEFAULT_PERCENT } from './percent.ts';

function record(secrets: readonly string[] = [], limit?: number) {
  const lines: string[] = [];
  const percents: number[] = [];
  const listener = {
    log: (line: string, stream: string) => lines.push(`${stream}: ${line}`),
    progress: (percent: number) => percents.push(percent),
  };
  return {
    lines,
    percents,
    log: new OutputLog(listener, new Masker(secrets), DEFAULT_PERCENT, limit),
  };
}

describe('the record of an output', () => {
  it('masks secrets that come in pieces and characters that come in halves', () => {
    const { lines, log } = record(['geheim', 'ö\nö']);
    const output = log.listenTo('stdout');
    for (const byte of Buffer.from('das ist geheim, ö\nö ist es auch: ü\n')) output.push(Buffer.from([byte]));
    output.end();
    expect(lines).toEqual(['stdout: das ist ***, *** ist es auch: ü']);
  });

  it('reads progress of bars that are drawn over', () => {
    const { lines, percents, log } = record();
    const output = log.listenTo('stderr');
    output.push(Buffer.from(' 10%\r 20%\r'));
    output.push(Buffer.from(' 30%\nready'));
    output.end();
    expect(percents).toEqual([10, 20, 30]);
    expect(lines).toEqual(['stderr:  30%', 'stderr: ready']);
  });

  it('keeps the beginning and the end of what is too large, and counts the rest', () => {
    const { lines, log } = record([], 20_000);
    const output = log.listenTo('stdout');
    for (let n = 0; n < 10_000; n++) output.push(Buffer.from(`line ${n}\n`));
    output.end();
    log.finish();
    const notice = lines.findIndex((line) => line.includes('[daybook:'));
    const left = Number(/(\d+) lines were left out/.exec(lines[notice] ?? '')?.[1]);
    expect(notice + left + 500).toBe(10_000);
    expect(lines.slice(notice + 1)).toHaveLength(500);
    expect(lines.at(-1)).toBe('stdout: line 9999');
  });
});
