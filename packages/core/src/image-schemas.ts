import { z } from 'zod';
import { imageLimits, imageTypes } from './image.ts';
import { isoInstant, label, rowId } from './text.ts';

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

export const imageUploadSchema = z
  .strictObject({
    name: label(200).default('image').meta({ description: 'as it is called when somebody saves it' }),
    content: z
      .string()
      .max(Math.ceil(imageLimits.bytes / 3) * 4, `must be at most ${imageLimits.bytes} bytes`)
      .refine((text) => text.length % 4 === 0 && base64.test(text), 'must be base64')
      .meta({ description: 'base64 of a PNG, JPEG, GIF or WebP' }),
  })
  .meta({ id: 'ImageUpload' });
export type ImageUpload = z.infer<typeof imageUploadSchema>;

export const imageSchema = z
  .object({
    id: rowId,
    jobId: rowId,
    name: z.string(),
    type: z.enum(imageTypes),
    size: z.int().meta({ description: 'bytes' }),
    path: z.string().meta({ description: 'where it is, for Markdown: `![name](path)`' }),
    createdAt: isoInstant,
    createdBy: z.string(),
  })
  .meta({ id: 'Image' });
export type Image = z.infer<typeof imageSchema>;
