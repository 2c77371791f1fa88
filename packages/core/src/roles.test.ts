import { describe, expect, test } from 'vitest';
import { nobody, permissions, type Role, roleMay, roles, type Scope, sees } from './roles.ts';

describe('roles', () => {
  test('an admin may do everything, everybody may read', () => {
    for (const permission of Object.keys(permissions) as (keyof typeof permissions)[])
      expect(roleMay('admin', permission), permission).toBe(true);
    for (const role of roles) expect(roleMay(role, 'jobs.read'), role).toBe(true);
  });

  // design.md §8: who may change what.
  test.each<[Role, string[]]>([
    ['viewer', ['views.own']],
    ['customer', ['views.own']],
    ['provider', ['configurations.write', 'jobs.create', 'jobs.report', 'queue.claim', 'jobs.offer']],
    ['editor', ['jobs.annotate', 'jobs.retry', 'jobs.cancel', 'jobs.offer', 'views.share']],
  ])('%s may at least', (role, allowed) => {
    for (const permission of allowed) expect(roleMay(role, permission as never), permission).toBe(true);
  });

  test.each<[Role, string[]]>([
    ['viewer', ['jobs.create', 'jobs.report', 'jobs.annotate', 'jobs.retry', 'jobs.cancel', 'views.share']],
    ['customer', ['jobs.create', 'jobs.report', 'jobs.annotate', 'jobs.cancel', 'queue.read', 'views.share']],
    ['provider', ['jobs.annotate', 'users.manage', 'keys.manage', 'audit.read', 'sources.manage']],
    ['editor', ['jobs.report', 'jobs.create', 'configurations.write', 'queue.claim', 'keys.manage']],
  ])('%s may not', (role, refused) => {
    for (const permission of refused) expect(roleMay(role, permission as never), permission).toBe(false);
  });
});

describe('who sees a job', () => {
  const job = { project: 'wing', providerId: 3, customer: 'acme' };
  const scope = (some: Partial<Scope>): Scope => ({ ...nobody, ...some });

  test.each<[string, Scope, boolean]>([
    ['nobody does not', nobody, false],
    ['whoever sees all does', scope({ all: true }), true],
    ['its project does', scope({ projects: ['tail', 'wing'] }), true],
    ['another project does not', scope({ projects: ['wing2'] }), false],
    ['its provider does', scope({ providerId: 3 }), true],
    ['another provider does not', scope({ providerId: 4 }), false],
    ['its customer does', scope({ customers: [{ providerId: 3, customer: 'acme' }] }), true],
    [
      'the same name at another provider does not',
      scope({ customers: [{ providerId: 4, customer: 'acme' }] }),
      false,
    ],
  ])('%s', (_, who, seen) => expect(sees(who, job)).toBe(seen));

  test('nobody in particular produces the jobs of provider 0', () => {
    expect(
      sees(scope({ providerId: 0, projects: [] }), { project: null, providerId: 0, customer: null }),
    ).toBe(false);
  });
});
