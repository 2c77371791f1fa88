import { bulkActionSchema, bulkOutcomeSchema, bulkPreviewSchema } from '@daybook/core';
import { z } from 'zod';
import { type Route, route } from '../route.ts';
import { actOnMany, type BulkParts, previewAction } from './bulk-actions.ts';

export function bulkRoutes(parts: BulkParts): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/v1/jobs/bulk',
      // Whoever may retry may cancel, too.
      access: 'jobs.retry',
      group: 'Jobs',
      summary: 'Retry, cancel or requeue many jobs, by filter or by id',
      description:
        'Takes up to 10,000 jobs, the oldest first; `more` says that others match. With `dryRun` nothing is done. What cannot be acted upon is left as it is and counted under `skipped`. Jobs are changed in groups, each of them whole; `interrupted` says that the rest was left.',
      body: bulkActionSchema,
      answers: {
        200: {
          description: 'What was done, or with dryRun what would be',
          schema: z.union([bulkOutcomeSchema, bulkPreviewSchema]),
        },
      },
      handle: async ({ actor, body, gone }) => ({
        body: body.dryRun
          ? await previewAction(parts, actor, body)
          : await actOnMany(parts, actor, body, gone),
      }),
    }),
  ];
}
