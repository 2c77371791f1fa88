import { expect, test } from 'vitest';
import type { StreamMessage } from './event-stream.ts';
import { LiveHub, type Tab } from './hub.ts';
import { deadAfter, type HubMessage } from './protocol.ts';
import type { ConnectionEnd } from './stream-connection.ts';

/** A world whose clock and network the test moves by hand. */
class TestWorld {
  time = 0;
  readonly opened: {
    url: string;
    closed: boolean;
    say(message: StreamMessage): void;
    end(why: ConnectionEnd): void;
  }[] = [];
  #timers: { at: number; call: () => void }[] = [];

  readonly hub = new LiveHub({
    connect: (url, onMessage, onEnd) => {
      const connection = { url, closed: false, say: onMessage, end: onEnd };
      this.opened.push(connection);
      return { close: () => (connection.closed = true) };
    },
    now: () => this.time,
    random: () => 1,
    later: (ms, call) => {
      const timer = { at: this.time + ms, call };
      this.#timers.push(timer);
      return () => (this.#timers = this.#timers.filter((each) => each !== timer));
    },
  });

  pass(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((each) => each !== next);
      this.time = next.at;
      next.call();
    }
    this.time = until;
  }

  get line() {
    return this.opened.at(-1)!;
  }

  get open() {
    return this.opened.filter((each) => !each.closed).length;
  }
}

class TestTab implements Tab {
  readonly heard: HubMessage[] = [];
  postMessage(message: HubMessage): void {
    this.heard.push(message);
  }
  get state() {
    return this.heard.findLast((message) => message.type === 'state')?.state;
  }
}

function joined(count: number) {
  const world = new TestWorld();
  const tabs = Array.from({ length: count }, () => new TestTab());
  for (const tab of tabs) world.hub.receive(tab, { type: 'join', logs: [] });
  world.pass(0);
  return { world, tabs };
}

const hello = (id: string): StreamMessage => ({ event: 'hello', id, data: `{"position":"${id}"}` });

test('ten tabs share one connection and hear the same', () => {
  const { world, tabs } = joined(10);
  world.line.say(hello('5'));
  world.line.say({ event: 'event', id: '6', data: '{"id":6}' });
  expect(world.opened).toHaveLength(1);
  for (const tab of tabs) expect(tab.heard.at(-1)).toEqual({ type: 'event', event: { id: 6 } });
});

test('resumes where it was, with growing pauses', () => {
  const { world, tabs } = joined(1);
  world.line.say(hello('5'));
  world.line.say({ event: 'event', id: '9', data: '{"id":9}' });
  world.line.end('lost');
  expect(tabs[0]!.state).toBe('away');
  world.pass(499);
  expect(world.opened).toHaveLength(1);
  world.pass(1);
  expect(world.line.url).toBe('/api/v1/stream?after=9');
  world.line.end('lost');
  world.pass(999);
  expect(world.opened).toHaveLength(2);
  world.pass(1);
  world.line.say(hello('9'));
  expect(tabs[0]!.state).toBe('live');
});

test('begins where the first tab says that it began to load', () => {
  const world = new TestWorld();
  const [first, second] = [new TestTab(), new TestTab()];
  world.hub.receive(first, { type: 'join', logs: [], after: '0-7' });
  world.hub.receive(second, { type: 'join', logs: [], after: '0-9' });
  world.pass(0);
  expect(world.line.url).toBe('/api/v1/stream?after=0-7');
});

test('opens again with the log that a tab asks for, and not when it is there already', () => {
  const { world, tabs } = joined(2);
  world.line.say(hello('5'));
  world.hub.receive(tabs[0]!, { type: 'follow', logs: [17] });
  world.hub.receive(tabs[1]!, { type: 'follow', logs: [18] });
  world.pass(100);
  expect(world.line.url).toBe('/api/v1/stream?log=17%2C18&after=5');
  expect(world.open).toBe(1);
  world.hub.receive(tabs[1]!, { type: 'follow', logs: [17] });
  world.pass(100);
  expect(world.opened).toHaveLength(2);
});

test('a session that is over ends the tries until somebody signs in; nothing of the old session is resumed', () => {
  const { world, tabs } = joined(1);
  world.line.say(hello('5'));
  world.line.end('refused');
  world.pass(60_000);
  expect(tabs[0]!.state).toBe('signed-out');
  expect(world.opened).toHaveLength(1);
  world.hub.receive(tabs[0]!, { type: 'join', logs: [] });
  world.pass(0);
  expect(world.line.url).toBe('/api/v1/stream');
});

test('closes with the last tab, also if it died without a word', () => {
  const { world, tabs } = joined(2);
  world.line.say(hello('5'));
  world.hub.receive(tabs[0]!, { type: 'leave' });
  expect(world.open).toBe(1);
  world.pass(deadAfter + 60_000);
  expect(world.hub.tabs).toBe(0);
  expect(world.open).toBe(0);
});

test('a tab that woke up again is a member again', () => {
  const { world, tabs } = joined(1);
  world.pass(deadAfter + 60_000);
  world.hub.receive(tabs[0]!, { type: 'beat', logs: [3] });
  world.pass(0);
  expect(world.open).toBe(1);
  expect(world.line.url).toBe('/api/v1/stream?log=3');
});

test('says when too much was missed, and goes on from there', () => {
  const { world, tabs } = joined(1);
  world.line.say(hello('5'));
  world.line.say({ event: 'reset', id: '', data: '{"position":"900"}' });
  expect(tabs[0]!.heard.at(-1)).toEqual({ type: 'reset' });
  world.line.end('lost');
  world.pass(500);
  expect(world.line.url).toBe('/api/v1/stream?after=900');
});

test('starts over when the server does not know the position', () => {
  const { world, tabs } = joined(1);
  world.line.say(hello('5'));
  world.line.end('lost');
  world.pass(500);
  world.line.end('unknown-position');
  expect(tabs[0]!.heard.some((message) => message.type === 'reset')).toBe(true);
  world.pass(1_000);
  expect(world.line.url).toBe('/api/v1/stream');
});
