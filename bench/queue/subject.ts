/**
 * What is measured: a queue as an application uses it. One application process joins it, adds jobs and works on them; a
 * second one joins where a worker is killed. Every subject implements this once, the measurements know nothing else.
 */
export interface Subject {
  readonly name: string;
  /** What differs from its defaults, in its own words. */
  readonly settings: string;
  /** When its documentation has the job of a killed worker done again, by default; undefined: it has no worker processes. */
  readonly recovery: string | undefined;
  /** True for what is no queue, but a limit of one: it has no latency, and nothing to recover. */
  readonly drainsOnly?: true;
  /** Sets it up on an empty database of the server that all share, or in a folder of its own. */
  prepare(databaseUrl: string): Promise<Site>;
  /** Joins from an application process. */
  join(address: Address): Promise<Application>;
}

/** Where a subject is reached: the text that an application process is started with. */
export type Address = Readonly<Record<string, string>>;

export interface Site {
  readonly address: Address;
  /** A process beside the application and the database that works for it: its time is counted, too. */
  readonly server?: number;
  close(): Promise<void>;
}

export interface Application {
  /** Adds jobs that carry a number, in as few calls as the documentation offers; durable when it resolves. */
  add(count: number, note: number): Promise<void>;
  /** From now on each job is handed to `handle`. */
  work(handle: (note: number) => Promise<void>): Promise<void>;
  /** Jobs that have been added and whose end is not durable yet. */
  left(): Promise<number>;
  leave(): Promise<void>;
}
