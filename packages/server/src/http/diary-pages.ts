import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** The literal in index.html that is replaced by the nonce of the response. */
const NONCE = '__CSP_NONCE__';

export interface DiaryPages {
  /** Folder of the built web package. */
  folder: string;
  /** Headers of a page with this nonce. */
  headers(nonce: string): Record<string, string>;
  makeNonce(): string;
}

/**
 * The diary in the browser: every path under /diary answers the same page (the browser knows its routes), its assets
 * carry a hash in their names and may be kept for ever.
 */
export async function registerDiaryPages(server: FastifyInstance, pages: DiaryPages): Promise<void> {
  const file = join(pages.folder, 'index.html');
  const page = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (page !== undefined)
    await server.register(fastifyStatic, {
      root: join(pages.folder, 'assets'),
      prefix: '/diary/assets/',
      immutable: true,
      maxAge: '365d',
      index: false,
      preCompressed: true,
    });
  const answer = (): { html: string; headers: Record<string, string> } => {
    const nonce = pages.makeNonce();
    const html =
      page?.replaceAll(NONCE, nonce) ??
      '<!doctype html><title>Daybook</title><p>The diary is not built yet: npm run build';
    return {
      html,
      headers: {
        ...pages.headers(nonce),
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
      },
    };
  };
  const show = (
    _request: unknown,
    reply: { headers(headers: Record<string, string>): { send(body: string): unknown } },
  ) => {
    const { html, headers } = answer();
    return reply.headers(headers).send(html);
  };
  const config = { access: 'public' } as const;
  server.get('/diary', { config }, show);
  server.get('/diary/*', { config }, show);
  server.get('/', { config }, (_request, reply) => reply.redirect('/diary'));
}
