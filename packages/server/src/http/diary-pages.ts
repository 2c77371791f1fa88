import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { listAddress, registerOldLinks } from './old-links.ts';

/** The literal in index.html that is replaced by the nonce of the response. */
const NONCE = '__CSP_NONCE__';
const NOT_BUILT = '<!doctype html><title>Daybook</title><p>The diary is not built yet: npm run build';
const FOREVER = 'public, max-age=31536000, immutable';

export interface DiaryPages {
  /** Folder of the built web package. */
  readonly folder: string;
  makeNonce(): string;
  /** Headers of a page whose scripts and styles carry this nonce. */
  headers(nonce: string): Record<string, string>;
  /** What `/` answers to programs that ask for JSON; without it they are led to the pages like everybody. */
  readonly greeting?: object | undefined;
}

/** Where the web package is built to. */
export const builtPages = fileURLToPath(new URL('../../../web/dist', import.meta.url));

/**
 * The diary in the browser: every path under /diary answers the same page (the browser knows its routes); its assets carry
 * a hash in their names and may be kept for ever.
 */
export async function registerDiaryPages(server: FastifyInstance, pages: DiaryPages): Promise<void> {
  const file = join(pages.folder, 'index.html');
  const page = existsSync(file) ? readFileSync(file, 'utf8') : NOT_BUILT;
  const config = { access: 'public' } as const;
  if (page !== NOT_BUILT)
    await server.register(fastifyStatic, {
      root: pages.folder,
      prefix: '/diary/',
      wildcard: false,
      preCompressed: true,
      index: false,
      dotfiles: 'ignore',
      cacheControl: false,
      setHeaders(reply, path) {
        reply.header('cache-control', path.includes('/assets/') ? FOREVER : 'no-cache');
      },
    });
  const show = (_request: unknown, reply: FastifyReply) => {
    const nonce = pages.makeNonce();
    return reply
      .headers(pages.headers(nonce))
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(page.replaceAll(NONCE, nonce));
  };
  server.get('/diary', { config }, show);
  // An asset of another version must fail, not be a page: the tab that asks for it then loads itself anew.
  server.get('/diary/assets/*', { config }, (_request, reply) => reply.callNotFound());
  server.get('/diary/*', { config }, show);
  server.get('/', { config }, ({ headers, query }, reply) => {
    const asksJson = headers.accept?.trim().toLowerCase().startsWith('application/json') ?? false;
    if (asksJson && pages.greeting !== undefined) return reply.header('vary', 'accept').send(pages.greeting);
    return reply.header('vary', 'accept').redirect(listAddress(query));
  });
  registerOldLinks(server);
}
