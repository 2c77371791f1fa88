import { z } from 'zod';
import { isoInstant } from './text.ts';

/** Bundles: tars that the archive keeps as they came, with an index of what is in them (design.md §6). */

/** What a reading of a bundle against its index found. */
export const verificationResults = ['ok', 'damaged', 'unreadable'] as const;
export type VerificationResult = (typeof verificationResults)[number];

export const exportForms = ['tar', 'bagit', 'ro-crate', 'ocfl'] as const;
export type ExportForm = (typeof exportForms)[number];

export const bundleSchema = z
  .object({
    id: z.int(),
    jobId: z.int(),
    project: z.string().nullable(),
    size: z.int().meta({ description: 'bytes of the tar' }),
    members: z.int().meta({ description: 'files and folders in it' }),
    files: z.int().meta({ description: 'files but for metadata.txt' }),
    unlisted: z.int().meta({ description: 'files that the metadata does not list' }),
    receivedAt: isoInstant,
    publishedAt: isoInstant,
    verifiedAt: isoInstant.nullable().meta({ description: 'when it was last read against its index' }),
    verified: z.enum(verificationResults).nullable(),
    openIncidents: z.int(),
  })
  .meta({ id: 'Bundle' });
export type Bundle = z.output<typeof bundleSchema>;

export const bundleMemberSchema = z
  .object({
    path: z.string(),
    name: z.string().meta({ description: 'the last part of the path' }),
    kind: z.enum(['file', 'directory']),
    size: z.int().optional().meta({ description: 'bytes' }),
    sha256: z.string().optional(),
    declared: z
      .string()
      .optional()
      .meta({ description: 'algorithm:hash that the metadata declares, which it was found to have' }),
    mimeType: z.string().optional(),
    modifiedAt: isoInstant.optional(),
    listed: z.boolean().optional(),
  })
  .meta({ id: 'BundleMember' });
export type BundleMember = z.output<typeof bundleMemberSchema>;

export const verificationSchema = z
  .object({
    id: z.int(),
    bundleId: z.int(),
    reason: z.enum(['asked', 'scheduled']),
    actor: z.string().nullable(),
    askedAt: isoInstant,
    endedAt: isoInstant.nullable(),
    bytes: z.int().meta({ description: 'bytes of the tar that were read' }),
    result: z.enum(verificationResults).nullable().meta({ description: 'null while it waits or goes on' }),
    detail: z.string().nullable(),
  })
  .meta({ id: 'Verification' });
export type Verification = z.output<typeof verificationSchema>;

export const incidentSchema = z
  .object({
    id: z.int(),
    bundleId: z.int(),
    verificationId: z.int(),
    kind: z.string().meta({ description: 'such as hash_different, member_different, tar_damaged, missing' }),
    path: z.string().nullable(),
    expected: z.string().nullable(),
    found: z.string().nullable(),
    openedAt: isoInstant,
    closedAt: isoInstant.nullable(),
    closedBy: z.string().nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: 'Incident' });
export type Incident = z.output<typeof incidentSchema>;
