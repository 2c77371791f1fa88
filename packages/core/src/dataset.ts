import { z } from 'zod';
import { isoInstant } from './text.ts';

/** Importable datasets: tar files in the input directory, and in its `archive/` (contracts/microdata.md). */

const DATASET_NAME = /^[A-Z][A-Z0-9_]*$/;

/** True if a dataset can have this name: `A-Z`, `0-9`, `_`, beginning with a letter. */
export function isDatasetName(name: string): boolean {
  return name.length <= 250 && DATASET_NAME.test(name);
}

export const datasetName = z
  .string()
  .refine(isDatasetName, 'must be letters A to Z, digits and _, beginning with a letter')
  .meta({ examples: ['MY_DATASET'] });

/** Why a file is no dataset to import, or what is odd about it. */
export const datasetProblems = [
  'bad_name',
  'not_a_file',
  'link',
  'unreadable',
  'broken_tar',
  'too_many_members',
  'no_metadata',
] as const;
export type DatasetProblem = (typeof datasetProblems)[number];

export const datasetSchema = z
  .object({
    name: z.string().meta({ description: 'the file without `.tar`; other names as they are' }),
    archived: z.boolean().meta({ description: 'it lies in `archive/`' }),
    size: z.int().meta({ description: 'bytes of the tar' }),
    modifiedAt: isoInstant,
    hasMetadata: z.boolean().meta({ description: 'it holds NAME.json' }),
    hasData: z.boolean().meta({ description: 'it holds a member or folder called `chunks`' }),
    members: z.int().meta({ description: 'how many members were read' }),
    problems: z
      .array(z.enum(datasetProblems))
      .meta({ description: 'empty for a dataset that can be imported' }),
  })
  .meta({ id: 'Dataset' });
export type Dataset = z.infer<typeof datasetSchema>;

export const memberTypes = ['file', 'directory', 'link', 'other'] as const;
export type MemberType = (typeof memberTypes)[number];

export const datasetMemberSchema = z
  .object({ path: z.string(), size: z.int(), type: z.enum(memberTypes) })
  .meta({ id: 'DatasetMember' });
export type DatasetMember = z.infer<typeof datasetMemberSchema>;

export const datasetDetailSchema = datasetSchema
  .extend({
    memberList: z
      .array(datasetMemberSchema)
      .meta({ description: 'in the order of the tar, the first of them' }),
  })
  .meta({ id: 'DatasetDetail' });
export type DatasetDetail = z.infer<typeof datasetDetailSchema>;
