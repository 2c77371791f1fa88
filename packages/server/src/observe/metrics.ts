import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What the metrics are made of. */
export interface MetricsParts {
  readonly version: string;
  readonly engine: string;
  /** Jobs that are not ended, by status; asked when somebody scrapes. */
  readonly activeJobs: () => Promise<ReadonlyMap<string, number>>;
  /** Open live streams; asked when somebody scrapes. */
  readonly streamClients: () => number;
}

/** Seconds; from a write that shares its commit to one that somebody gives up on. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const EVENTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];

/** What Prometheus scrapes. Names and labels are promises: dashboards are made from them. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Histogram<'method' | 'route' | 'status'>;
  readonly #bound = new Map<string, Histogram.Internal<string>>();
  readonly #events: Counter;
  readonly #commits: Histogram;
  readonly #batches: Histogram;
  readonly #dropped: Counter;
  readonly #incidents: Counter;

  constructor(parts: MetricsParts) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#requests = new Histogram({
      name: 'daybook_http_request_duration_seconds',
      help: 'Time to answer, by method, route and class of status (2xx …); live streams are not timed',
      labelNames: ['method', 'route', 'status'],
      buckets: SECONDS,
      registers,
    });
    this.#events = new Counter({
      name: 'daybook_events_appended_total',
      help: 'Events and log lines made durable',
      registers,
    });
    this.#commits = new Histogram({
      name: 'daybook_commit_duration_seconds',
      help: 'Time to make a group of events durable',
      buckets: SECONDS,
      registers,
    });
    this.#batches = new Histogram({
      name: 'daybook_commit_events',
      help: 'Events that shared a commit',
      buckets: EVENTS,
      registers,
    });
    this.#dropped = new Counter({
      name: 'daybook_stream_readers_dropped_total',
      help: 'Readers of the live stream dropped because they were too slow',
      registers,
    });
    this.#incidents = new Counter({
      name: 'daybook_archive_incidents_total',
      help: 'Differences found between the archive and its index',
      registers,
    });
    this.#gauges(parts);
  }

  /** A request was answered; `route` is its pattern (`/api/v1/jobs/:id`), never its address. */
  answered(method: string, route: string, status: number, ms: number): void {
    const statusClass = Math.floor(status / 100);
    const key = `${statusClass}${method}${route}`;
    let bound = this.#bound.get(key);
    if (bound === undefined) {
      bound = this.#requests.labels(method, route, `${statusClass}xx`);
      this.#bound.set(key, bound);
    }
    bound.observe(ms / 1_000);
  }

  /** A group of events was made durable. */
  committed(events: number, ms: number): void {
    this.#events.inc(events);
    this.#batches.observe(events);
    this.#commits.observe(ms / 1_000);
  }

  /** A reader of the live stream was too slow. */
  readerDropped(): void {
    this.#dropped.inc();
  }

  /** Something in the archive is not as it was. */
  incidentOpened(): void {
    this.#incidents.inc();
  }

  /** The text that Prometheus reads, and its content type. */
  async scrape(): Promise<{ text: string; type: string }> {
    return { text: await this.#registry.metrics(), type: this.#registry.contentType };
  }

  #gauges({ version, engine, activeJobs, streamClients }: MetricsParts): void {
    const registers = [this.#registry];
    new Gauge({
      name: 'daybook_build_info',
      help: 'Version, engine and Node.js of this process',
      labelNames: ['version', 'engine', 'node'],
      registers,
    }).set({ version, engine, node: process.versions.node }, 1);
    new Gauge({
      name: 'daybook_stream_clients',
      help: 'Open live streams',
      registers,
      collect() {
        this.set(streamClients());
      },
    });
    new Gauge({
      name: 'daybook_jobs',
      help: 'Jobs that are not ended, by status',
      labelNames: ['status'],
      registers,
      async collect() {
        // The other metrics are wanted most when the database cannot be reached.
        const jobs = await activeJobs().catch(() => undefined);
        this.reset();
        for (const [status, count] of jobs ?? []) this.set({ status }, count);
      },
    });
  }
}
