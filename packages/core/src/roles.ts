/** Roles and what each of them may do (design.md §8). One table; routes name a permission, never a role. */

export const roles = ['viewer', 'customer', 'provider', 'editor', 'admin'] as const;
export type Role = (typeof roles)[number];

export const permissions = {
  'jobs.read': ['viewer', 'customer', 'provider', 'editor', 'admin'],
  // What a job printed, took in and reported in detail: no business of whoever waits for its result.
  'jobs.inspect': ['viewer', 'provider', 'editor', 'admin'],
  'jobs.create': ['provider', 'admin'],
  'jobs.offer': ['provider', 'editor', 'admin'],
  'jobs.report': ['provider', 'admin'],
  'jobs.annotate': ['editor', 'admin'],
  'jobs.retry': ['provider', 'editor', 'admin'],
  'jobs.cancel': ['provider', 'editor', 'admin'],
  // A link by which anybody follows one job.
  'jobs.share': ['provider', 'editor', 'admin'],
  'configurations.read': ['viewer', 'provider', 'editor', 'admin'],
  'configurations.write': ['provider', 'admin'],
  'queue.read': ['viewer', 'provider', 'editor', 'admin'],
  'queue.claim': ['provider', 'admin'],
  // The input directory belongs to nobody: its names are told to everybody within.
  'datasets.read': ['viewer', 'provider', 'editor', 'admin'],
  'datasets.delete': ['editor', 'admin'],
  // Whoever brings data in: engineers by the page, uploaders by a key.
  'bundles.create': ['provider', 'editor', 'admin'],
  // Says how an ingest stands, whatever it did itself.
  'bundles.correct': ['admin'],
  // Reads a whole bundle anew, and says of what was found that it is dealt with.
  'bundles.verify': ['editor', 'admin'],
  'views.own': ['viewer', 'customer', 'provider', 'editor', 'admin'],
  'views.share': ['editor', 'admin'],
  'users.manage': ['admin'],
  'keys.manage': ['admin'],
  // What a provider makes, sees and takes away is their own; an admin's is everybody's.
  'keys.own': ['provider', 'admin'],
  'customers.manage': ['provider', 'admin'],
  'audit.read': ['admin'],
  'maintenance.manage': ['admin'],
  'sources.manage': ['admin'],
  'self.read': ['viewer', 'customer', 'provider', 'editor', 'admin'],
} as const satisfies Record<string, readonly Role[]>;
export type Permission = keyof typeof permissions;

export function roleMay(role: Role, permission: Permission): boolean {
  return (permissions[permission] as readonly Role[]).includes(role);
}

/**
 * Which jobs an actor may see, as data: the server turns it into SQL, the live stream asks it in memory, and a test
 * holds the two against each other. `all: true` is an admin or an actor granted every project.
 */
export interface Scope {
  readonly all: boolean;
  /** Jobs of these projects. */
  readonly projects: readonly string[];
  /** Jobs that this provider produced; 0 is nobody. */
  readonly providerId: number;
  /** Jobs that name this customer; customer ids are per provider. */
  readonly customers: readonly { readonly providerId: number; readonly customer: string }[];
}

/** What of a job decides on who may see it. */
export interface Visibility {
  readonly project: string | null;
  readonly providerId: number;
  readonly customer: string | null;
}

export const nobody: Scope = { all: false, projects: [], providerId: 0, customers: [] };

/** The one rule of who may see a job, in memory. `visibleJobs` in the server is the same rule as SQL. */
export function sees(scope: Scope, job: Visibility): boolean {
  if (scope.all) return true;
  if (job.project !== null && scope.projects.includes(job.project)) return true;
  if (scope.providerId !== 0 && job.providerId === scope.providerId) return true;
  return scope.customers.some((c) => c.providerId === job.providerId && c.customer === job.customer);
}
