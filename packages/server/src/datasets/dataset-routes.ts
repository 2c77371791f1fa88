import { DaybookError, datasetDetailSchema, datasetName, datasetSchema, limits, line } from '@daybook/core';
import { z } from 'zod';
import { pageQuery } from '../access/route-parts.ts';
import { type Route, route } from '../route.ts';
import type { Datasets } from './datasets.ts';

const group = 'Datasets';
const params = z.strictObject({ name: datasetName });
const place = z.enum(['true', 'false']).transform((value) => value === 'true');
const which = z.strictObject({
  archived: place.optional().meta({
    description: 'the one in the archive, or the one that is not; whichever is there when left out',
  }),
});
const deletion = z.strictObject({
  confirm: z.string().max(limits.name).meta({ description: 'the name once more' }),
  archived: z.boolean().optional(),
});

export function datasetRoutes(datasets: Datasets): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/datasets',
      access: 'datasets.read',
      group,
      summary: 'Tars of the input directory and of its archive, by name',
      description:
        'Those that cannot be imported are there, too: `problems` says why. 404 without an input directory.',
      query: pageQuery.extend({
        q: line(limits.name).optional().meta({ description: 'beginning of the name' }),
      }),
      answers: {
        200: {
          description: 'A page',
          schema: z.object({
            items: z.array(datasetSchema),
            total: z.int(),
            nextCursor: z.string().optional(),
          }),
        },
      },
      handle: async ({ query }) => ({ body: await datasets.pageOfDatasets(query) }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/datasets/:name',
      access: 'datasets.read',
      group,
      summary: 'A dataset and the members of its tar',
      params,
      query: which,
      answers: { 200: { description: 'The dataset', schema: datasetDetailSchema } },
      handle: async ({ params: { name }, query }) => ({
        body: await datasets.findDataset(name, query.archived),
      }),
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/datasets/:name',
      access: 'datasets.delete',
      group,
      summary: 'Delete a dataset for good',
      params,
      body: deletion,
      answers: { 204: { description: 'It is gone' } },
      handle: async ({ actor, params: { name }, body }) => {
        refuseUnlessConfirmed(name, body.confirm);
        await datasets.deleteDataset(actor, name, body.archived);
        return { status: 204 };
      },
    }),
  ];
}

function refuseUnlessConfirmed(name: string, confirm: string): void {
  if (confirm === name) return;
  throw new DaybookError('invalid_request', 'Nothing was deleted.', {
    faults: [{ path: 'confirm', message: `must be ${name}` }],
  });
}
