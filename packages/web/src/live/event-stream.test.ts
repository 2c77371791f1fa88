import { expect, test } from 'vitest';
import { EventStreamParser } from './event-stream.ts';

const text = ': beat\n\nevent: job\nid: 7\ndata: {"a":1}\n\nevent: log\r\ndata: one\r\ndata: two\r\n\r\n';
const messages = [
  { event: 'job', data: '{"a":1}', id: '7' },
  { event: 'log', data: 'one\ntwo', id: '7' },
];

test('reads messages, comments and ids', () => {
  expect(new EventStreamParser().read(text)).toEqual(messages);
});

test('does not care where the network cuts', () => {
  for (let size = 1; size < text.length; size++) {
    const parser = new EventStreamParser();
    const read = [];
    for (let at = 0; at < text.length; at += size) read.push(...parser.read(text.slice(at, at + size)));
    expect(read).toEqual(messages);
  }
});

test('keeps what is not complete to itself', () => {
  expect(new EventStreamParser().read('event: job\ndata: {"a":1}\n')).toEqual([]);
});
