import {
  bulkActionSchema,
  bulkEditOutcomeSchema,
  bulkEditPreviewSchema,
  bulkEditSchema,
  bulkOutcomeSchema,
  bulkPreviewSchema,
  undoOutcomeSchema,
} from '@daybook/core';
import { z } from 'zod';
import { idParams } from '../access/route-parts.ts';
import { type Route, route } from '../route.ts';
import { actOnMany, type BulkParts, previewAction } from './bulk-actions.ts';
import { editMany, previewEdit } from './edit-jobs.ts';
import { undoEdit } from './undo-edit.ts';

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
    route({
      method: 'POST',
      path: '/api/v1/jobs/bulk-edit',
      access: 'jobs.annotate',
      group: 'Jobs',
      summary: 'Say the same of many jobs: analysis status, assessment, tags',
      description:
        'Takes up to 10,000 jobs, by filter or by id, the oldest first; `more` says that others match. With `dryRun` nothing is done. `edit` is the number by which all of it can be undone for 30 days.',
      body: bulkEditSchema,
      answers: {
        200: {
          description: 'What was done, or with dryRun what would be',
          schema: z.union([bulkEditOutcomeSchema, bulkEditPreviewSchema]),
        },
      },
      handle: async ({ actor, body, gone }) => ({
        body: body.dryRun ? await previewEdit(parts, actor, body) : await editMany(parts, actor, body, gone),
      }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/jobs/bulk-edit/:id/undo',
      access: 'jobs.annotate',
      group: 'Jobs',
      summary: 'Undo an edit of many jobs',
      description:
        'What was there comes back, field by field, where nobody has changed it since; what was changed stays, and the answer says where. The undoing is an edit that can be undone.',
      params: idParams,
      answers: { 200: { description: 'What came back', schema: undoOutcomeSchema } },
      handle: async ({ actor, params, gone }) => ({ body: await undoEdit(parts, actor, params.id, gone) }),
    }),
  ];
}
