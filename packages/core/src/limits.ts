/** Every limit on what a caller may send, in one place. Sizes are UTF-16 code units for text, bytes where named so. */
export const limits = {
  /** Largest body of an ordinary request, bytes. */
  bodyBytes: 8 * 1024 * 1024,
  /** Largest body of a request that needs no credentials, bytes. */
  publicBodyBytes: 16 * 1024,
  /** Most values, and deepest nesting, of a large body. */
  bodyValues: 200_000,
  bodyDepth: 64,
  /** Deepest nesting of objects and arrays in a JSON value of the caller's own; all else has a fixed form. */
  jsonDepth: 32,
  /** Largest JSON value kept in one field (parameters, context, metadata), bytes of its JSON text. */
  jsonBytes: 256 * 1024,
  name: 500,
  tag: 100,
  shortText: 1_000,
  path: 4_096,
  /** info and summary. */
  longText: 100_000,
  /** message of an event or a log line. */
  message: 32_768,
  tagsPerJob: 50,
  baseRunsPerJob: 200,
  stepsPerConfiguration: 500,
  /** Steps that a job without a configuration collects by reporting them. */
  stepsPerJob: 1_000,
  jobsPerRequest: 1_000,
  eventsPerRequest: 5_000,
  /** Jobs that a worker claims, renews or completes at once. */
  leasesPerRequest: 500,
  configurationsPerClaim: 100,
  leaseToken: 100,
  pageSize: 500,
  defaultPageSize: 50,
  /** Idempotency-Key header and the `key` of an event. */
  idempotencyKey: 255,
} as const;
