import { comparisonLimits, isDay, type JobStatus, jobStatuses, type Permission } from '@daybook/core';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import type { DigestSearch, StatisticsSearch } from './api/diary-queries.ts';
import { Home } from './home.tsx';
import { type JobTab, jobTabs } from './job/job-tabs.ts';
import { keepLeftOut } from './list/left-out.ts';
import { readSearch } from './list/search.ts';
import { NotFound } from './shell/not-found.tsx';
import { PageError } from './shell/page-error.tsx';
import { Shell } from './shell/shell.tsx';

/** What a visit remembers besides its address. */
declare module '@tanstack/react-router' {
  interface HistoryState {
    /** The list that a job was opened from, as {@link searchText}: for the way back, and for previous and next. */
    list?: string;
  }
  /** Who may see a page; everybody who is signed in where nothing is said. The shell tells the others (shell.tsx). */
  interface StaticDataRouteOption {
    readonly permission?: Permission;
  }
  interface Register {
    router: typeof router;
  }
}

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: PageError });

const jobs = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: (raw: Record<string, unknown>) => {
    keepLeftOut(raw);
    return readSearch(raw);
  },
  component: Home,
});

/** Where the address of a job leads when its number is cut off. */
const jobList = createRoute({
  getParentRoute: () => root,
  path: '/jobs',
  validateSearch: readSearch,
  beforeLoad: ({ search }) => {
    throw redirect({ to: '/', search, replace: true });
  },
});

const job = createRoute({
  getParentRoute: () => root,
  path: '/jobs/$id',
  validateSearch: (raw: Record<string, unknown>): { tab?: JobTab } => {
    const tab = jobTabs.find((each) => each === raw['tab']);
    return tab ? { tab } : {};
  },
  component: lazyRouteComponent(() => import('./job/job-page.tsx'), 'JobPage'),
});

const inbox = createRoute({
  getParentRoute: () => root,
  path: '/inbox',
  staticData: { permission: 'jobs.inspect' },
  validateSearch: (raw: Record<string, unknown>): { of?: 'all' } =>
    raw['of'] === 'all' ? { of: 'all' } : {},
  component: lazyRouteComponent(() => import('./inbox/inbox-page.tsx'), 'InboxPage'),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: '/compare',
  staticData: { permission: 'jobs.inspect' },
  validateSearch: (raw: Record<string, unknown>): { ids?: readonly number[]; all?: boolean } => {
    const ids = [raw['ids']].flat().flatMap((each) =>
      String(each ?? '')
        .split(',')
        .map(Number),
    );
    const real = [...new Set(ids)]
      .filter((id) => Number.isSafeInteger(id) && id > 0)
      .slice(0, comparisonLimits.jobs);
    return { ...(real.length > 0 && { ids: real }), ...(String(raw['all']) === 'true' && { all: true }) };
  },
  component: lazyRouteComponent(() => import('./compare/compare-page.tsx'), 'ComparePage'),
});

const dashboard = createRoute({
  getParentRoute: () => root,
  path: '/dashboard',
  staticData: { permission: 'jobs.inspect' },
  validateSearch: (raw: Record<string, unknown>): StatisticsSearch => ({
    ...dayOf(raw, 'from'),
    ...dayOf(raw, 'to'),
    ...(raw['per'] === 'week' && { per: 'week' }),
    ...((raw['by'] === 'user' || raw['by'] === 'kind') && { by: raw['by'] }),
    ...textOf(raw, 'project'),
    ...textOf(raw, 'user'),
    ...textOf(raw, 'kind'),
  }),
  component: lazyRouteComponent(() => import('./dashboard/dashboard-page.tsx'), 'DashboardPage'),
});

const digest = createRoute({
  getParentRoute: () => root,
  path: '/digest',
  staticData: { permission: 'jobs.inspect' },
  validateSearch: (raw: Record<string, unknown>): DigestSearch => ({
    ...(/^\d{4}-W\d{2}$/.test(String(raw['week'])) && { week: String(raw['week']) }),
    ...textOf(raw, 'project'),
  }),
  component: lazyRouteComponent(() => import('./digest/digest-page.tsx'), 'DigestPage'),
});

const number = createRoute({
  getParentRoute: () => root,
  path: '/number/$number',
  component: lazyRouteComponent(() => import('./job/number-page.tsx'), 'NumberPage'),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: ({ next, ended }: Record<string, unknown>): { next?: string; ended?: true } => ({
    ...(typeof next === 'string' && /^\/(?![/\\])/.test(next) && { next }),
    ...(ended === true && { ended }),
  }),
  component: lazyRouteComponent(() => import('./sign-in/sign-in-page.tsx'), 'SignInPage'),
});

const progress = createRoute({
  getParentRoute: () => root,
  path: '/progress',
  component: lazyRouteComponent(() => import('./share/shared-page.tsx'), 'SharedPage'),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: lazyRouteComponent(() => import('./people/invitation-page.tsx'), 'InvitationPage'),
});

const customers = createRoute({
  getParentRoute: () => root,
  path: '/customers',
  staticData: { permission: 'customers.manage' },
  component: lazyRouteComponent(() => import('./people/customers-page.tsx'), 'CustomersPage'),
});

const configurations = createRoute({
  getParentRoute: () => root,
  path: '/configurations',
  staticData: { permission: 'configurations.read' },
  component: lazyRouteComponent(
    () => import('./configurations/configurations-page.tsx'),
    'ConfigurationsPage',
  ),
});

const configuration = createRoute({
  getParentRoute: () => root,
  path: '/configurations/$tag',
  staticData: { permission: 'configurations.read' },
  validateSearch: (raw: Record<string, unknown>): { provider?: string; before?: string; after?: string } => ({
    ...textOf(raw, 'provider'),
    ...textOf(raw, 'before'),
    ...textOf(raw, 'after'),
  }),
  component: lazyRouteComponent(() => import('./configurations/configuration-page.tsx'), 'ConfigurationPage'),
});

const editConfiguration = createRoute({
  getParentRoute: () => root,
  path: '/configurations/$tag/edit',
  staticData: { permission: 'configurations.write' },
  validateSearch: (raw: Record<string, unknown>) => textOf(raw, 'provider'),
  component: lazyRouteComponent(() => import('./configurations/edit-pages.tsx'), 'EditConfigurationPage'),
});

// Not below /configurations: a tag may be any word.
const newConfiguration = createRoute({
  getParentRoute: () => root,
  path: '/new-configuration',
  staticData: { permission: 'configurations.write' },
  component: lazyRouteComponent(() => import('./configurations/edit-pages.tsx'), 'NewConfigurationPage'),
});

const queue = createRoute({
  getParentRoute: () => root,
  path: '/queue',
  staticData: { permission: 'queue.read' },
  component: lazyRouteComponent(() => import('./queue/queue-page.tsx'), 'QueuePage'),
});

const targets = createRoute({
  getParentRoute: () => root,
  path: '/targets',
  staticData: { permission: 'queue.read' },
  validateSearch: (raw: Record<string, unknown>): { q?: string; status?: JobStatus; group?: string } => {
    const status = jobStatuses.find((each) => each === raw['status']);
    return { ...textOf(raw, 'q'), ...(status && { status }), ...textOf(raw, 'group') };
  },
  component: lazyRouteComponent(() => import('./targets/targets-page.tsx'), 'TargetsPage'),
});

const target = createRoute({
  getParentRoute: () => root,
  path: '/targets/$name',
  staticData: { permission: 'queue.read' },
  component: lazyRouteComponent(() => import('./targets/target-page.tsx'), 'TargetPage'),
});

const maintenance = createRoute({
  getParentRoute: () => root,
  path: '/maintenance',
  staticData: { permission: 'queue.read' },
  component: lazyRouteComponent(() => import('./maintenance/maintenance-page.tsx'), 'MaintenancePage'),
});

const datasets = createRoute({
  getParentRoute: () => root,
  path: '/datasets',
  staticData: { permission: 'datasets.read' },
  validateSearch: (raw: Record<string, unknown>): { q?: string } => textOf(raw, 'q'),
  component: lazyRouteComponent(() => import('./datasets/datasets-page.tsx'), 'DatasetsPage'),
});

const sources = createRoute({
  getParentRoute: () => root,
  path: '/sources',
  staticData: { permission: 'sources.manage' },
  component: lazyRouteComponent(() => import('./sources/sources-page.tsx'), 'SourcesPage'),
});

const dataset = createRoute({
  getParentRoute: () => root,
  path: '/datasets/$name',
  staticData: { permission: 'datasets.read' },
  validateSearch: (raw: Record<string, unknown>): { archived?: boolean } =>
    String(raw['archived']) === 'true' ? { archived: true } : {},
  component: lazyRouteComponent(() => import('./datasets/dataset-page.tsx'), 'DatasetPage'),
});

const ingest = createRoute({
  getParentRoute: () => root,
  path: '/ingest',
  staticData: { permission: 'jobs.inspect' },
  component: lazyRouteComponent(() => import('./ingest/ingest-page.tsx'), 'IngestPage'),
});

const bundle = createRoute({
  getParentRoute: () => root,
  path: '/bundles/$id',
  staticData: { permission: 'jobs.inspect' },
  component: lazyRouteComponent(() => import('./ingest/bundle-page.tsx'), 'BundlePage'),
});

const keys = createRoute({
  getParentRoute: () => root,
  path: '/keys',
  staticData: { permission: 'keys.own' },
  component: lazyRouteComponent(() => import('./admin/keys-page.tsx'), 'KeysPage'),
});

const users = createRoute({
  getParentRoute: () => root,
  path: '/users',
  staticData: { permission: 'users.manage' },
  component: lazyRouteComponent(() => import('./admin/users-page.tsx'), 'UsersPage'),
});

const api = createRoute({
  getParentRoute: () => root,
  path: '/api',
  validateSearch: (raw: Record<string, unknown>): { find?: string } => textOf(raw, 'find'),
  component: lazyRouteComponent(() => import('./reference/reference-page.tsx'), 'ReferencePage'),
});

const about = createRoute({
  getParentRoute: () => root,
  path: '/about',
  component: lazyRouteComponent(() => import('./help/about-page.tsx'), 'AboutPage'),
});

const help = createRoute({
  getParentRoute: () => root,
  path: '/help',
  component: lazyRouteComponent(() => import('./help/help-page.tsx'), 'HelpPage'),
});

const helpErrors = createRoute({
  getParentRoute: () => root,
  path: '/help/errors',
  component: lazyRouteComponent(() => import('./help/errors-page.tsx'), 'ErrorsPage'),
});

/** A day of the address, `2026-01-31`. */
function dayOf<Name extends string>(raw: Record<string, unknown>, name: Name): { [_ in Name]?: string } {
  const value = raw[name];
  return typeof value === 'string' && isDay(value) ? ({ [name]: value } as { [_ in Name]: string }) : {};
}

/** A text of the address; an empty one is none. */
function textOf<Name extends string>(raw: Record<string, unknown>, name: Name): { [_ in Name]?: string } {
  const value = raw[name];
  return typeof value === 'string' && value !== '' ? ({ [name]: value } as { [_ in Name]: string }) : {};
}

export const router = createRouter({
  routeTree: root.addChildren([
    jobs,
    jobList,
    job,
    inbox,
    compare,
    dashboard,
    digest,
    number,
    signIn,
    progress,
    invitation,
    customers,
    configurations,
    configuration,
    editConfiguration,
    newConfiguration,
    queue,
    targets,
    target,
    maintenance,
    datasets,
    sources,
    dataset,
    ingest,
    bundle,
    keys,
    users,
    api,
    about,
    help,
    helpErrors,
  ]),
  basepath: '/diary',
  defaultPreload: 'intent',
  scrollRestoration: true,
  // Plain text in the address, as a person would write it: ?status=failed,running&project=3001234
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(search)) {
      if (value !== undefined && value !== '')
        query.set(name, Array.isArray(value) ? value.join(',') : String(value));
    }
    const text = query.toString().replaceAll('%2C', ',').replaceAll('%2F', '/');
    return text === '' ? '' : `?${text}`;
  },
});
