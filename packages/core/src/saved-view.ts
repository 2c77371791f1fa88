import { z } from 'zod';
import { isoInstant, label, line, rowId } from './text.ts';

/*
 * Saved views (design.md §7): lists that people keep by name. A private one is its owner's alone; a shared one is
 * everybody's, and those who may share views edit it. The default opens when one comes without an address: one's own
 * before the shared one.
 */

const name = label(100);
/** The state of a list as its address has it, without the question mark. */
const query = line(4_000).meta({ examples: ['status=failed&project=3001234'] });

export const viewCreateSchema = z
  .strictObject({
    name,
    query,
    shared: z.boolean().default(false),
    isDefault: z.boolean().default(false),
  })
  .meta({ id: 'ViewCreate' });
export type ViewCreate = z.infer<typeof viewCreateSchema>;

/** `version` (or `If-Match`) is the version that was seen. */
export const viewPatchSchema = z
  .strictObject({
    version: z.int().min(1).optional(),
    name: name.optional(),
    query: query.optional(),
    shared: z.boolean().optional(),
    isDefault: z.boolean().optional(),
  })
  .meta({ id: 'ViewPatch' });
export type ViewPatch = z.infer<typeof viewPatchSchema>;

export const savedViewSchema = z
  .object({
    id: rowId,
    name: z.string(),
    query: z.string(),
    shared: z.boolean(),
    isDefault: z.boolean().meta({ description: 'of its owner; of everybody who has none, if it is shared' }),
    owner: z.string().meta({ description: 'name of the user' }),
    mine: z.boolean(),
    mayEdit: z.boolean(),
    createdAt: isoInstant,
    updatedAt: isoInstant,
    version: z.int(),
  })
  .meta({ id: 'SavedView' });
export type SavedView = z.infer<typeof savedViewSchema>;
