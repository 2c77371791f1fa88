import { LiveHub } from './hub.ts';
import { beatEvery, type HubMessage, type LiveState, type TabMessage } from './protocol.ts';
import { connectByFetch } from './stream-connection.ts';
import { later } from './timer.ts';

type Listener = (message: HubMessage) => void;

/** This tab's end of the live line: one for the whole page. */
export class LiveLine {
  readonly #listeners = new Set<Listener>();
  readonly #followed = new Map<number, number>();
  readonly #send: (message: TabMessage) => void;
  #joined = false;
  #state: LiveState = 'connecting';

  constructor() {
    this.#send = openHub((message) => this.#hear(message));
    setInterval(() => this.#joined && this.#send({ type: 'beat', logs: this.#logs }), beatEvery);
    addEventListener('pagehide', () => this.#send({ type: 'leave' }));
    // From the back/forward cache: the page missed what happened meanwhile.
    addEventListener('pageshow', (event) => {
      if (!event.persisted || !this.#joined) return;
      this.#send({ type: 'join', logs: this.#logs });
      this.#hear({ type: 'reset' });
    });
  }

  /**
   * Joins the hub, and stays a member as long as the page is shown. Called when somebody is signed in; `after` is where
   * the stream stood then, so that nothing is missed until it is open.
   */
  join(after: string): void {
    if (this.#joined) return;
    this.#joined = true;
    this.#send({ type: 'join', logs: this.#logs, after });
  }

  /** Says that the session is over, to all tabs. */
  signedOut(): void {
    this.#send({ type: 'signed-out' });
  }

  get state(): LiveState {
    return this.#state;
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks for the log lines of a job until the answer is called. */
  followLog(jobId: number): () => void {
    this.#followed.set(jobId, (this.#followed.get(jobId) ?? 0) + 1);
    this.#follow();
    return () => {
      const left = (this.#followed.get(jobId) ?? 1) - 1;
      if (left > 0) this.#followed.set(jobId, left);
      else this.#followed.delete(jobId);
      this.#follow();
    };
  }

  #follow(): void {
    if (this.#joined) this.#send({ type: 'follow', logs: this.#logs });
  }

  get #logs(): number[] {
    return [...this.#followed.keys()];
  }

  #hear(message: HubMessage): void {
    if (message.type === 'state') {
      this.#state = message.state;
      if (message.state === 'signed-out') this.#joined = false;
    }
    for (const listener of this.#listeners) listener(message);
  }
}

/** The hub of the browser, or one of this page where there are no shared workers. Answers how to speak to it. */
function openHub(hear: Listener): (message: TabMessage) => void {
  if (typeof SharedWorker !== 'undefined') {
    const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), {
      type: 'module',
      name: 'daybook',
    });
    worker.port.onmessage = (event: MessageEvent<HubMessage>) => hear(event.data);
    return (message) => worker.port.postMessage(message);
  }
  const hub = new LiveHub({ connect: connectByFetch, now: Date.now, random: Math.random, later });
  const tab = { postMessage: hear };
  return (message) => hub.receive(tab, message);
}

export const liveLine = new LiveLine();
