import { z } from 'zod';
import { differenceSchema } from './comparison-schemas.ts';
import { jobSummarySchema } from './job.ts';
import { rowId } from './text.ts';

/*
 * The lineage of a job: the runs that it varies, those that vary it, and so on, both ways. Nearest first, so that a graph
 * that is cut shows what is close.
 */

export const lineageLimits = {
  /** Jobs of one graph. */
  nodes: 1_000,
  /** Base runs of base runs, so far away at most. */
  depth: 100,
  /** Differences that are told of one edge; `count` counts all. */
  differences: 20,
} as const;

export const lineageNodeSchema = jobSummarySchema
  .pick({
    id: true,
    externalId: true,
    name: true,
    status: true,
    progress: true,
    analysisStatus: true,
    assessment: true,
    user: true,
    project: true,
    submittedAt: true,
  })
  .extend({
    unknownBases: z
      .array(z.string())
      .meta({ description: 'base runs that are not known (yet), or that you may not see' }),
  })
  .meta({ id: 'LineageNode' });
export type LineageNode = z.infer<typeof lineageNodeSchema>;

export const lineageEdgeSchema = z
  .object({
    base: rowId,
    job: rowId,
    differences: z.array(differenceSchema),
    count: z.int().meta({ description: `of all differences; ${lineageLimits.differences} are told` }),
  })
  .meta({ id: 'LineageEdge' });
export type LineageEdge = z.infer<typeof lineageEdgeSchema>;

export const lineageSchema = z
  .object({
    nodes: z.array(lineageNodeSchema).meta({ description: 'the job itself first, then the nearest' }),
    edges: z.array(lineageEdgeSchema),
    more: z.boolean().meta({ description: 'there is more than was asked for' }),
  })
  .meta({ id: 'Lineage' });
export type Lineage = z.infer<typeof lineageSchema>;
