import type { FastifyInstance } from 'fastify';

const config = { access: 'public' } as const;

/**
 * Addresses of the old diary (contracts/caejobdiary.md), which stand in mails and wikis: its list at `/`, a job at
 * `/1234567/` by the scheduler's number, `/about/`. Who may see the job is asked by the page that they lead to.
 */
export function registerOldLinks(server: FastifyInstance): void {
  server.get<{ Params: { number: string } }>('/:number(^\\d{1,15}$)', { config }, ({ params }, reply) =>
    reply.redirect(`/diary/number/${params.number}`),
  );
  server.get('/about', { config }, (_request, reply) => reply.redirect('/diary/about'));
}

/** Where a list of the old diary is now: its pages are gone, its filters have their names still. */
export function listAddress(query: unknown): string {
  const asked = (typeof query === 'object' && query !== null ? query : {}) as Record<string, unknown>;
  const kept = new URLSearchParams();
  for (const name of ['q', 'user', 'project']) {
    const value = asked[name];
    if (typeof value === 'string' && value.trim() !== '') kept.set(name, value);
  }
  if (asked['show_obsolete'] !== undefined) kept.set('obsolete', 'shown');
  const text = kept.toString();
  return text === '' ? '/diary' : `/diary/?${text}`;
}
