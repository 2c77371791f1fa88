import type { BulkRead, BulkWrite } from '../storage/index.ts';

/** The statements behind every event, compiled once. */

export const readJobs: BulkRead = {
  name: 'read_jobs',
  table: 'jobs',
  key: { id: 'int' },
  columns: [
    'id',
    'provider_id',
    'project',
    'customer',
    'execution',
    'target',
    'configuration_id',
    'open_steps',
    'status',
    'step',
    'progress',
    'percent',
    'error',
    'attempt',
    'started_at',
    'ended_at',
    'estimated_end_at',
    'parent_id',
    'ends_with_children',
    'max_attempts',
    'run_after',
    'lease_token',
    'lease_expires_at',
    'lease_ended',
    'worker',
    'claimed_at',
    'failures',
    'losses',
  ],
  orderBy: 'id',
  lock: true,
};

export const readSteps: BulkRead = {
  name: 'read_steps',
  table: 'steps',
  key: { job_id: 'int' },
  columns: [
    'job_id',
    'position',
    'tag',
    'name',
    'points',
    'status',
    'percent',
    'message',
    'metadata',
    'started_at',
    'ended_at',
  ],
  orderBy: 'job_id, position',
};

export const readMetadata: BulkRead = {
  name: 'read_metadata',
  table: 'documents',
  key: { job_id: 'int' },
  columns: ['job_id', 'metadata'],
};

export const readKeys: BulkRead = {
  name: 'read_keys',
  table: 'event_keys',
  key: { job_id: 'int', key: 'text' },
  columns: ['job_id', 'key', 'event_id'],
};

export const insertEvents: BulkWrite = {
  name: 'insert_events',
  table: 'events',
  mode: 'insert',
  columns: {
    id: 'int',
    job_id: 'int',
    kind: 'text',
    step: 'text',
    status: 'text',
    percent: 'real',
    message: 'text',
    metadata: 'json',
    attempt: 'int',
    cause: 'text',
    unapplied: 'text',
    actor: 'text',
    at: 'int',
    received_at: 'int',
  },
};

export const insertLogLines: BulkWrite = {
  name: 'insert_log_lines',
  table: 'log_lines',
  mode: 'insert',
  columns: {
    id: 'int',
    job_id: 'int',
    step: 'text',
    stream: 'text',
    message: 'text',
    at: 'int',
    received_at: 'int',
  },
};

export const insertKeys: BulkWrite = {
  name: 'insert_keys',
  table: 'event_keys',
  mode: 'insert',
  columns: { job_id: 'int', key: 'text', event_id: 'int' },
};

/** What moves with nearly every event. Machine columns only: what people say is written by `annotate` alone. */
const moving = {
  id: 'int',
  step: 'text',
  progress: 'real',
  percent: 'real',
  error: 'text',
  stalled: 'int',
  estimated_end_at: 'int',
  updated_at: 'int',
  seen_at: 'int',
} as const;

/** A job that goes on. It leaves indexed columns alone: SQLite would write their indexes again, changed or not. */
export const moveJobs: BulkWrite = {
  name: 'move_jobs',
  table: 'jobs',
  mode: 'update',
  key: ['id'],
  columns: moving,
};

const turning = { status: 'text', attempt: 'int', started_at: 'int' } as const;

/** A job that begins, ends or begins again. */
export const turnJobs: BulkWrite = {
  name: 'turn_jobs',
  table: 'jobs',
  mode: 'update',
  key: ['id'],
  columns: { ...moving, ...turning, ended_at: 'int' },
};

/** A job that goes on under a lease: whatever its worker writes renews it. */
export const moveHeldJobs: BulkWrite = {
  name: 'move_held_jobs',
  table: 'jobs',
  mode: 'update',
  key: ['id'],
  columns: { ...moving, lease_expires_at: 'int' },
};

const queued = {
  ...moving,
  ...turning,
  lease_expires_at: 'int',
  lease_token: 'text',
  lease_ended: 'text',
  worker: 'text',
  claimed_at: 'int',
  failures: 'int',
  losses: 'int',
  run_after: 'int',
} as const;

/** A job of the queue that begins or waits again. Four indexes have `ended_at`, which stays as it is. */
export const turnQueuedJobs: BulkWrite = {
  name: 'turn_queued_jobs',
  table: 'jobs',
  mode: 'update',
  key: ['id'],
  columns: queued,
};

/** A job of the queue that ends, or has ended and begins anew. */
export const endQueuedJobs: BulkWrite = {
  name: 'end_queued_jobs',
  table: 'jobs',
  mode: 'update',
  key: ['id'],
  columns: { ...queued, ended_at: 'int' },
};

export const writeSteps: BulkWrite = {
  name: 'write_steps',
  table: 'steps',
  mode: 'upsert',
  key: ['job_id', 'position'],
  columns: {
    job_id: 'int',
    position: 'int',
    tag: 'text',
    name: 'text',
    points: 'real',
    status: 'text',
    percent: 'real',
    message: 'text',
    metadata: 'json',
    started_at: 'int',
    ended_at: 'int',
  },
};

export const writeMetadata: BulkWrite = {
  name: 'write_metadata',
  table: 'documents',
  mode: 'upsert',
  key: ['job_id'],
  columns: { job_id: 'int', metadata: 'json' },
};
