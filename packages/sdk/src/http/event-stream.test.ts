import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allOf } from '../testing/workplace.ts';
import { readEventStream } from './event-stream.ts';

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

const text =
  ': beat\n\nevent: hello\nid: 1\ndata: {"a":"ü"}\n\ndata: one\ndata:two\n\nid: 2\n\nevent: x\ndata\n\ndata: unfinished\n';
const messages = [
  { event: 'hello', data: '{"a":"ü"}', id: '1' },
  { event: 'message', data: 'one\ntwo', id: '1' },
  { event: 'x', data: '', id: '2' },
];

describe('an event stream', () => {
  it.each(['\n', '\r\n'])('is read the same wherever it is cut, with line ends %j', async (lineEnd) => {
    const bytes = new TextEncoder().encode(text.replaceAll('\n', lineEnd));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length)), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((to, n) => bytes.subarray(at[n], to));
        expect(await allOf(readEventStream(streamOf(chunks)))).toEqual(messages);
      }),
    );
  });
});
