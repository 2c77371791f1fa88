import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { DaybookError, imageTypeOf, jobFileLimits, jobFilesSchema, limits } from '@daybook/core';
import { z } from 'zod';
import { jobParams } from '../jobs/job-routes.ts';
import type { Jobs } from '../jobs/jobs.ts';
import { type Answer, type Route, route } from '../route.ts';
import { itemOf, JobDirectory, openLog } from './job-directory.ts';

const group = 'Jobs';
const path = z.string().max(limits.path).default('');

/** Files of a job, to be looked at: images, and texts from their beginning or their end. */
export function fileRoutes({ jobs, roots }: { jobs: Jobs; roots: readonly string[] }): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/jobs/:id/files',
      access: 'jobs.inspect',
      group,
      summary: 'What stands in the directory of a job',
      description:
        'Of the job directory, or else of the directory that it was submitted from, if the operator shows files there (setting `jobFiles`). Links that lead out of it are left out.',
      params: jobParams,
      query: z.strictObject({ path }),
      answers: { 200: { description: 'Files and folders by name', schema: jobFilesSchema } },
      handle: async ({ actor, params, query }) => {
        const job = await jobs.get(actor.scope, params.id);
        const log = await logOf(roots, job);
        const directory = await JobDirectory.of(roots, job).catch((error: unknown) => {
          if (log === null || query.path !== '') throw error;
        });
        const listing = (await directory?.list(query.path)) ?? { items: [], more: false };
        return {
          headers: { 'cache-control': 'no-store' },
          body: { directory: directory?.path ?? '', path: query.path, ...listing, log },
        };
      },
    }),
    route({
      method: 'GET',
      path: '/api/v1/jobs/:id/files/content',
      access: 'jobs.inspect',
      group,
      summary: 'A file of a job: an image, or a piece of a text',
      description:
        'PNG, JPEG, GIF and WebP as they are, by their first bytes; everything else as plain text, 512 KiB at most: its beginning, or with `part=tail` its end. `log=true` is the log file of the job.',
      params: jobParams,
      query: z.strictObject({
        path,
        part: z.enum(['head', 'tail']).default('head'),
        log: z.enum(['true', 'false']).default('false'),
      }),
      answers: {
        200: { description: 'All of it', type: '*/*' },
        206: { description: 'A piece of a longer text; Content-Range says which', type: 'text/plain' },
      },
      handle: async ({ actor, params, query }) => {
        const job = await jobs.get(actor.scope, params.id);
        const isLog = query.log === 'true';
        const opened = isLog
          ? await openLog(roots, job)
          : await (await JobDirectory.of(roots, job)).open(query.path);
        if (opened === undefined)
          throw new DaybookError('not_found', 'There is no log file that may be shown.');
        try {
          return await answerOf(opened, basename(isLog ? (job.logFile ?? '') : query.path), query.part);
        } finally {
          await opened.file.close();
        }
      },
    }),
  ];
}

async function logOf(roots: readonly string[], job: Parameters<typeof openLog>[1]) {
  const opened = await openLog(roots, job);
  if (opened === undefined) return null;
  await opened.file.close();
  return itemOf(basename(job.logFile ?? ''), job.logFile ?? '', opened.stats) ?? null;
}

async function answerOf(
  { file, stats }: { file: FileHandle; stats: Stats },
  name: string,
  part: 'head' | 'tail',
): Promise<Answer> {
  const type = imageTypeOf(await pieceOf(file, 0, 16));
  if (type !== undefined && stats.size <= jobFileLimits.image)
    return { headers: headersOf(type, name), body: await pieceOf(file, 0, stats.size) };
  const length = Math.min(stats.size, jobFileLimits.text);
  const begin = part === 'tail' ? stats.size - length : 0;
  const piece = await pieceOf(file, begin, length);
  // The end of a long text begins with a whole line.
  const cut = begin > 0 ? piece.indexOf(10) + 1 : 0;
  const [from, body] = [begin + cut, piece.subarray(cut)];
  // Bytes of 0 are in no text: a model or a core is not poured into a page.
  if (body.includes(0))
    throw new DaybookError('unsupported_media_type', `${name} is neither a text nor an image.`);
  const headers = headersOf('text/plain; charset=utf-8', name);
  if (body.length === stats.size) return { headers, body };
  const range = `bytes ${from}-${from + Math.max(0, body.length - 1)}/${stats.size}`;
  return { status: 206, headers: { ...headers, 'content-range': range }, body };
}

/** A file that is being written may be shorter by now, or longer. */
async function pieceOf(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, from);
  return buffer.subarray(0, bytesRead);
}

function headersOf(type: string, name: string): Record<string, string> {
  return {
    'content-type': type,
    'content-disposition': `inline; filename*=UTF-8''${encodeURIComponent(name.toWellFormed())}`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    // Opened by itself it is a page: nothing in it may run, whatever a browser makes of it.
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
  };
}
