import { serialize } from 'node:v8';
import { parentPort } from 'node:worker_threads';
import { type Found, GuessLane, IndexLane, type Lane } from './lane.ts';
import type { LaneAnswer, LaneCommand, PackedFound } from './tar-threads.ts';

/** The thread of tar-threads.ts: lanes of any number of tars, each reading from memory that the main thread fills. */
interface OpenLane {
  readonly lane: Lane;
  readonly memory: Buffer;
}

const lanes = new Map<number, OpenLane>();

function answerTo(command: LaneCommand): LaneAnswer | undefined {
  const { lane, kind } = command;
  const open = lanes.get(lane);
  switch (kind) {
    case 'open':
      lanes.set(lane, {
        lane: command.role === 'index' ? new IndexLane(command.from) : new GuessLane(command.from),
        memory: Buffer.from(command.memory),
      });
      return undefined;
    case 'remember':
      if (open?.lane instanceof IndexLane) open.lane.remember(command.paths, command.kinds);
      return undefined;
    case 'take':
      return open && { lane, found: packed(open.lane.take(open.memory.subarray(command.from, command.to))) };
    case 'end':
      return open && { lane, found: packed(open.lane.end()) };
    case 'close':
      if (open?.lane instanceof IndexLane) open.lane.close();
      lanes.delete(lane);
      return { lane };
  }
}

/** Rows as bytes: who gets them passes them on as they are, and makes objects of them when they are needed, if ever. */
function packed({ rows, ...found }: Found): PackedFound {
  return { ...found, rows: serialize(rows) as Uint8Array<ArrayBuffer> };
}

parentPort?.on('message', (command: LaneCommand) => {
  const answer = answerTo(command);
  if (answer === undefined) return;
  const { rows, metadata } = answer.found ?? {};
  parentPort?.postMessage(
    answer,
    [rows, metadata].flatMap((bytes) => (bytes === undefined ? [] : [bytes.buffer])),
  );
});
