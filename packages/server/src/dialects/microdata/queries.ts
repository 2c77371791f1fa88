import { limits } from '@daybook/core';
import { z } from 'zod';
import { storable, type WireStatus, wireStatuses } from './words.ts';

/** Queries and bodies of this surface. Unknown query parameters are left alone, as the old service did. */

/** A list as its clients write it: repeated, or with commas. */
const listed = z
  .union([z.string().max(limits.message), z.array(z.string().max(limits.name)).max(limits.tagsPerJob)])
  .transform((value) => [value].flat().flatMap((each) => each.split(',').map((word) => word.trim())));

/** The filters of `GET /jobs`; operations are those that are configured. */
export function jobsQuery(operations: readonly string[]) {
  const several = listed.pipe(z.array(z.string().refine(isOneOf(operations), unknown('operation'))));
  return z.object({
    status: listed.pipe(z.array(z.enum(wireStatuses, unknown('status')))).optional(),
    operation: several.optional(),
    'operation[]': several.optional(),
    ignoreCompleted: z
      .enum(['true', 'True', 'false', 'False'], 'must be true or false')
      .transform((value) => value.toLowerCase() === 'true')
      .optional(),
  });
}

function isOneOf(words: readonly string[]): (word: string) => boolean {
  return (word) => words.includes(word);
}

function unknown(what: string): string {
  return `is no ${what} here`;
}

const maybeText = z
  .string()
  .transform(storable)
  .nullish()
  .transform((value) => value ?? undefined);

/** What `PUT /jobs/{jobId}` takes. */
export const updateBody = z
  .strictObject({
    status: z
      .enum(wireStatuses, unknown('status'))
      .nullish()
      .transform((value): WireStatus | undefined => value ?? undefined),
    description: maybeText.refine((value) => (value?.length ?? 0) <= limits.longText, {
      message: `must be at most ${limits.longText} characters`,
    }),
    log: maybeText,
  })
  .refine(({ status, description, log }) => (status ?? description ?? log) !== undefined, {
    message: 'say a status, a description or a log',
  });

/** What `POST /jobs` takes; each item is judged for itself. */
export const newJobsBody = z.object({ jobs: z.array(z.unknown()).max(limits.jobsPerRequest) });

/** What `POST /maintenance-status` takes: `pause` (0 or 1) or `paused`. */
export const maintenanceBody = z
  .object({
    msg: z
      .string()
      .transform((text) =>
        storable(text)
          .replace(/[\u0000-\u001f\u007f]+/g, ' ')
          .trim(),
      )
      .pipe(z.string().min(1, 'must not be empty').max(limits.shortText)),
    pause: z.union([z.boolean(), z.literal([0, 1])], 'must be 0 or 1').nullish(),
    paused: z.union([z.boolean(), z.literal([0, 1])], 'must be true or false').nullish(),
  })
  .refine(({ pause, paused }) => (paused ?? pause ?? undefined) !== undefined, {
    path: ['pause'],
    message: 'say pause (0 or 1) or paused (true or false)',
  })
  .transform(({ msg, pause, paused }) => ({ msg, paused: Boolean(paused ?? pause) }));
