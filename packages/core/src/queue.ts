import { z } from 'zod';
import { jobSchema } from './job.ts';
import { limits } from './limits.ts';
import { jobStatuses } from './status.ts';
import { isoInstant, jsonObject, label, printed, rowId } from './text.ts';

/*
 * The queue (design.md §5): workers claim jobs of execution `claimed` under a lease, renew it, and say how the job ended.
 * Whatever a worker writes about a job that it holds carries the lease's token; who lost the lease is refused.
 */

/** Proof that its bearer holds a job: unguessable, told to the claimer alone, never part of a list, a log line or a URL. */
export const leaseToken = z
  .string()
  .min(1)
  .max(limits.leaseToken)
  .meta({ examples: ['d8f3…'] });

const tag = label(limits.tag);
const tags = z.array(tag).min(1).max(limits.configurationsPerClaim);
const per = <T extends z.ZodType>(item: T) => z.array(item).min(1).max(limits.leasesPerRequest);

export const claimSchema = z
  .strictObject({
    worker: label(limits.tag).meta({ description: 'Who claims, for people', examples: ['import-host-1'] }),
    configurations: tags.optional().meta({ description: 'Only jobs of these configurations' }),
    operations: tags.optional().meta({ description: 'Only jobs with these operations' }),
    max: z.int().min(1).max(limits.leasesPerRequest).default(1).meta({ description: 'Most jobs to claim' }),
    wait: z
      .number()
      .min(0)
      .max(30)
      .default(0)
      .meta({ description: 'Seconds to wait for a job when there is none' }),
  })
  .meta({ id: 'Claim' });
export type Claim = z.infer<typeof claimSchema>;
export type ClaimBody = z.input<typeof claimSchema>;

export const claimedJobSchema = z
  .object({
    job: jobSchema,
    attempt: z.int().meta({ description: 'Counts the claims of this job' }),
    leaseToken,
    leaseExpiresAt: isoInstant.meta({ description: 'Renew it before: by heartbeat, or by any report' }),
  })
  .meta({ id: 'ClaimedJob' });
export type ClaimedJob = z.infer<typeof claimedJobSchema>;

export const claimAnswerSchema = z
  .object({
    items: z.array(claimedJobSchema),
    leaseSeconds: z
      .number()
      .meta({ description: 'How long a worker may be silent; renew after a third of it' }),
  })
  .meta({ id: 'ClaimAnswer' });
export type ClaimAnswer = z.infer<typeof claimAnswerSchema>;

const lease = z.strictObject({ jobId: rowId, leaseToken });

export const leasesSchema = z.strictObject({ leases: per(lease) }).meta({ id: 'Leases' });
export type Leases = z.infer<typeof leasesSchema>;

/** Why a lease is no longer held: somebody canceled the job, or it was given to others (or ended) meanwhile. */
export const leaseEnds = ['canceled', 'lost'] as const;

export const heartbeatAnswerSchema = z
  .object({
    items: z.array(
      z.discriminatedUnion('held', [
        z.object({ jobId: rowId, held: z.literal(true), leaseExpiresAt: isoInstant }),
        z.object({ jobId: rowId, held: z.literal(false), reason: z.enum(leaseEnds) }),
      ]),
    ),
  })
  .meta({ id: 'HeartbeatAnswer' });
export type HeartbeatAnswer = z.infer<typeof heartbeatAnswerSchema>;
export type LeaseState = HeartbeatAnswer['items'][number];

/** How a worker may end its job. */
export const completions = ['succeeded', 'failed', 'other', 'canceled'] as const;
export type Completion = (typeof completions)[number];

export const completeSchema = z
  .strictObject({
    items: per(
      z.strictObject({
        jobId: rowId,
        leaseToken,
        status: z.enum(completions),
        message: printed(limits.message).optional(),
        metadata: jsonObject.optional().meta({ description: "Merged into the job's metadata" }),
        retry: z
          .boolean()
          .optional()
          .meta({ description: 'false: it failed for good, though tries may be left' }),
      }),
    ),
  })
  .meta({ id: 'Complete' });
export type Complete = z.infer<typeof completeSchema>;
export type CompleteBody = z.input<typeof completeSchema>;

export const releaseSchema = z
  .strictObject({
    items: per(
      z.strictObject({
        jobId: rowId,
        leaseToken,
        message: printed(limits.message).optional(),
        delaySeconds: z
          .number()
          .min(0)
          .max(86_400)
          .optional()
          .meta({ description: 'Nobody shall claim it before; at once when left out' }),
      }),
    ),
  })
  .meta({ id: 'Release' });
export type Release = z.infer<typeof releaseSchema>;
export type ReleaseBody = z.input<typeof releaseSchema>;

/** What became of each item of a complete or release; one refused takes nothing of the others with it. */
export const settledSchema = z
  .object({
    items: z.array(
      z.discriminatedUnion('ok', [
        z.object({
          jobId: rowId,
          ok: z.literal(true),
          status: z.enum(jobStatuses).meta({ description: 'The status of the job now' }),
          runAfter: isoInstant
            .optional()
            .meta({ description: 'It failed with tries left: when the next one may begin' }),
        }),
        z.object({
          jobId: rowId,
          ok: z.literal(false),
          code: z.enum(['lease_lost', 'not_found']),
          message: z.string(),
        }),
      ]),
    ),
  })
  .meta({ id: 'Settled' });
export type Settled = z.infer<typeof settledSchema>;
export type SettledItem = Settled['items'][number];

/** What a limit on running jobs is about: a configuration (by its tag), or the targets of a group. */
export const limitScopes = ['configuration', 'target_group'] as const;
export type LimitScope = (typeof limitScopes)[number];

export const queueLimitSchema = z
  .object({
    scope: z.enum(limitScopes),
    name: z.string(),
    max: z.int().meta({ description: 'Most claimed jobs that run at once; 0 lets none begin' }),
  })
  .meta({ id: 'QueueLimit' });
export type QueueLimit = z.infer<typeof queueLimitSchema>;

export const queueLimitName = label(limits.tag);
const max = z.int().min(0).max(1_000_000);
export const queueLimitBodySchema = z.strictObject({ max }).meta({ id: 'QueueLimitBody' });
export const queueLimitsBodySchema = z
  .strictObject({
    items: z
      .array(z.strictObject({ scope: z.enum(limitScopes), name: queueLimitName, max }))
      .max(limits.pageSize),
  })
  .meta({ id: 'QueueLimitsBody' });

const perMinute = z.array(z.int()).meta({ description: 'Jobs in each of the last 15 minutes, oldest first' });

/** The queue as its page shows it; counts are of jobs that one may see. */
export const queueOverviewSchema = z
  .object({
    paused: z.boolean().meta({ description: 'Everything that can be paused is' }),
    configurations: z.array(
      z.object({
        tag: z.string().nullable().meta({ description: 'null: jobs without a configuration' }),
        waiting: z.int(),
        scheduled: z.int().meta({ description: 'Waiting for a moment to come' }),
        running: z.int(),
        oldestWaitingAt: isoInstant.nullable(),
        inPerMinute: perMinute,
        outPerMinute: perMinute,
        limit: z.int().nullable(),
        paused: z.boolean(),
      }),
    ),
    workers: z.array(
      z.object({
        worker: z.string(),
        jobs: z.array(
          z.object({
            id: rowId,
            name: z.string(),
            step: z.string().nullable(),
            progress: z.number(),
            claimedAt: isoInstant,
            leaseExpiresAt: isoInstant,
          }),
        ),
        lastHeartbeatAt: isoInstant,
      }),
    ),
    idle: z.array(z.object({ worker: z.string(), since: isoInstant })).meta({
      description:
        'Who waits for a job at the process that was asked; where several serve, each knows of its own workers alone',
    }),
    stalled: z.int().meta({ description: 'Reported jobs that have been silent for long' }),
    limits: z.array(queueLimitSchema),
  })
  .meta({ id: 'QueueOverview' });
export type QueueOverview = z.infer<typeof queueOverviewSchema>;
