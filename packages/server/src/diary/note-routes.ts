import { fieldChangeSchema, imageSchema, imageUploadSchema } from '@daybook/core';
import { z } from 'zod';
import { pageQuery } from '../access/route-parts.ts';
import { jobParams } from '../jobs/job-routes.ts';
import { type Route, route } from '../route.ts';
import { readHistory } from './field-history.ts';
import { dropImage, type ImageParts, keepImage, listImages, readImage } from './images.ts';

const group = 'Jobs';
const imageParams = jobParams.extend({ image: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });

/** What people wrote of a job, and the images in it. */
export function noteRoutes(parts: ImageParts): Route[] {
  const { store } = parts;
  return [
    route({
      method: 'GET',
      path: '/api/v1/jobs/:id/history',
      access: 'jobs.inspect',
      group,
      summary: 'What people changed of a job, field by field: who, when, from what, to what',
      description:
        'The latest change first; `limit` counts saves, fields that were saved together stay together.',
      params: jobParams,
      query: pageQuery,
      answers: {
        200: {
          description: 'A page',
          schema: z.object({ items: z.array(fieldChangeSchema), nextCursor: z.string().optional() }),
        },
      },
      handle: async ({ actor, params, query }) => ({
        body: await readHistory(store.read, actor, params.id, query),
      }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/jobs/:id/images',
      access: 'jobs.inspect',
      group,
      summary: 'The images in the notes of a job',
      params: jobParams,
      answers: { 200: { description: 'All of them', schema: z.object({ items: z.array(imageSchema) }) } },
      handle: async ({ actor, params }) => ({
        body: { items: await listImages(store.read, actor, params.id) },
      }),
    }),
    route({
      method: 'POST',
      path: '/api/v1/jobs/:id/images',
      access: 'jobs.annotate',
      group,
      summary: 'Add an image to the notes of a job',
      description:
        'PNG, JPEG, GIF or WebP of 4 MiB at most, 100 per job. Its first bytes say what it is. Write it into a note as `![name](path)`.',
      params: jobParams,
      body: imageUploadSchema,
      answers: {
        201: { description: 'The image', schema: imageSchema },
        200: { description: 'The job had the same one already', schema: imageSchema },
      },
      handle: async ({ actor, params, body }) => {
        const { image, isNew } = await keepImage(parts, actor, params.id, body);
        return { status: isNew ? 201 : 200, headers: { location: image.path }, body: image };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/jobs/:id/images/:image',
      access: 'jobs.inspect',
      group,
      summary: 'An image in the notes of a job',
      params: imageParams,
      answers: { 200: { description: 'Its bytes', type: 'image/*' } },
      handle: async ({ actor, params }) => {
        const { image, content } = await readImage(store.read, actor, params.id, params.image);
        return {
          headers: {
            'content-type': image.type,
            'content-disposition': `inline; filename*=UTF-8''${encodeURIComponent(image.name)}`,
            // Its bytes never change; other people on the same machine must not find them.
            'cache-control': 'private, max-age=31536000, immutable',
            // Opened by itself it is a page: nothing in it may run, whatever a browser makes of it.
            'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
          },
          body: Buffer.from(content),
        };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/v1/jobs/:id/images/:image',
      access: 'jobs.annotate',
      group,
      summary: 'Delete an image; notes that show it show its name instead',
      params: imageParams,
      answers: { 204: { description: 'It is gone' } },
      handle: async ({ actor, params }) => {
        await dropImage(parts, actor, params.id, params.image);
        return { status: 204 };
      },
    }),
  ];
}
