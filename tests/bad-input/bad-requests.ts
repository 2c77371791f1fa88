import { limits, type Problem } from '@daybook/core';

const BACKSLASH = '\\';
const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
/** Must not appear in the log. */
export const MARK = 'hunter2-in-the-body';

export interface Bad {
  readonly name: string;
  readonly method?: string;
  /** Behind /api/v1; `:job` is a job of ours, `:foreign` one that the key may not see. */
  readonly path: string;
  /** Text is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly status: number;
  readonly code: Problem['code'];
  /** Paths of the faults, all of them. */
  readonly paths?: readonly string[];
}

const jobs = (name: string, body: unknown, ...paths: string[]): Bad => ({
  name,
  path: '/jobs',
  body,
  status: 400,
  code: 'invalid_request',
  paths,
});
const events = (name: string, body: unknown, ...paths: string[]): Bad => ({
  ...jobs(name, body, ...paths),
  path: '/jobs/:job/events',
});
const malformed = (name: string, body: string): Bad => ({
  name,
  path: '/jobs',
  body,
  status: 400,
  code: 'malformed_json',
});
const query = (path: string, ...paths: string[]): Bad => ({
  name: path,
  method: 'GET',
  path,
  status: 400,
  code: 'invalid_request',
  paths,
});
const missing = (method: string, path: string, body?: unknown): Bad => ({
  name: `${method} ${path}`,
  method,
  path,
  body,
  status: 404,
  code: 'not_found',
});
const cursor = (path: string): Bad => ({ ...query(path), code: 'invalid_cursor' });

/** What nobody should send, and how it is refused. */
export const table: readonly Bad[] = [
  malformed('no JSON', `{"name": ${MARK}}`),
  malformed('JSON that ends too soon', '{"name": "a"'),
  malformed('JSON with something behind it', '{"name": "a"} x'),
  malformed('JSON with a raw control character', '{"name": "a\u0001b"}'),
  malformed('NaN', '{"name": "a", "priority": NaN}'),
  malformed('a key and no JSON', `api_key=${MARK}`),

  jobs('no body', '', ''),
  jobs('null', null, ''),
  jobs('a list', '[]', ''),
  jobs('a text', '"a"', ''),
  jobs(
    'wrong types',
    { name: 5, tags: 'x', priority: '1', parameters: [], steps: {} },
    'name',
    'tags',
    'priority',
    'parameters',
    'steps',
  ),
  jobs('unknown fields', { name: 'a', colour: MARK, progress: 5 }, 'colour', 'progress'),
  jobs('a prototype', '{"name": "a", "__proto__": {"x": 1}, "constructor": 1}', 'constructor', '__proto__'),
  jobs(
    'control characters',
    { name: 'a\u001b[31m', tags: ['a\u0000'.slice(0, 1), 'b\n'], user: '\u0007' },
    'name',
    'tags[1]',
    'user',
  ),
  jobs('NUL', `{"name": "a${BACKSLASH}u0000b"}`, 'name'),
  jobs(
    'NUL, deep inside',
    `{"name": "a", "metadata": {"a": [{"b": "${BACKSLASH}u0000"}]}}`,
    'metadata.a[0].b',
  ),
  jobs(
    'NUL in a name of a field',
    `{"name": "a", "metadata": {"a${BACKSLASH}u0000": 1}}`,
    'metadata.a\u0000',
  ),
  jobs('half a character', `{"name": "a${BACKSLASH}ud800"}`, 'name'),
  jobs('half a character in metadata', `{"name": "a", "metadata": {"a": "${BACKSLASH}udfff"}}`, 'metadata.a'),
  jobs(
    'huge numbers',
    '{"name": "a", "priority": 1e400, "maxAttempts": 99999999999999999999}',
    'priority',
    'maxAttempts',
  ),
  jobs('a number that JSON does not have, inside', '{"name": "a", "metadata": {"a": 1e999}}', 'metadata.a'),
  jobs(
    'all of it at once',
    `{"name": 5, "user": "a${BACKSLASH}u0000", "metadata": {"a": "${BACKSLASH}ud800", "__proto__": 1}, "x": 1}`,
    'name',
    'user',
    'metadata.a',
    'metadata.__proto__',
    'x',
  ),
  jobs(
    'a prototype inside',
    '{"name": "a", "parameters": {"b": {"__proto__": 1}}}',
    'parameters.b.__proto__',
  ),
  jobs(
    'an end before the start',
    { name: 'a', status: 'failed', startedAt: '2026-01-02T00:00:00Z', endedAt: '2026-01-01T00:00:00Z' },
    'endedAt',
  ),
  jobs(
    'fractions and negative counts',
    { name: 'a', maxAttempts: 0, priority: 0.5, parentId: -1 },
    'maxAttempts',
    'priority',
    'parentId',
  ),
  jobs(
    'dates',
    {
      name: 'a',
      submittedAt: '2026-02-30T00:00:00Z',
      startedAt: 'today',
      endedAt: 5,
      runAfter: '+275760-09-13T00:00:00Z',
    },
    'submittedAt',
    'startedAt',
    'endedAt',
    'runAfter',
  ),
  jobs(
    'texts without end',
    { name: 'x'.repeat(limits.name + 1), info: 'x'.repeat(limits.longText + 1) },
    'name',
    'info',
  ),
  jobs('too many of everything', { name: 'a', tags: Array.from({ length: 51 }, (_, i) => `${i}`) }, 'tags'),
  jobs('too much metadata', { name: 'a', metadata: { a: 'x'.repeat(limits.jsonBytes) } }, 'metadata'),
  jobs('metadata that is too deep', `{"name": "a", "metadata": ${nested(40)}}`, 'metadata'),
  jobs('a body without bottom', `{"name": "a", "metadata": {"a": ${deep(20_000)}}}`, 'metadata'),
  jobs('an unknown field without bottom', `{"name": "a", "x": ${deep(20_000)}}`, 'x'),
  jobs('a status that does not exist', { name: 'a', status: 'paused' }, 'status'),
  jobs('a configuration that does not exist', { configuration: 'nowhere' }, 'configuration'),
  jobs("a parent that is somebody else's", { name: 'a', parentId: ':foreign' }, 'parentId'),
  jobs('a parent that does not exist', { name: 'a', parentId: 2 ** 52 }, 'parentId'),
  jobs(
    'one bad job among good ones',
    { jobs: [{ name: 'a' }, { name: '' }, { name: 'b', kind: 7 }] },
    'jobs[1].name',
    'jobs[2].kind',
  ),
  jobs('no jobs', { jobs: [] }, 'jobs'),
  jobs(
    'too many jobs',
    { jobs: Array.from({ length: limits.jobsPerRequest + 1 }, () => ({ name: 'a' })) },
    'jobs',
  ),
  jobs('jobs and more', { jobs: [{ name: 'a' }], name: 'b' }, 'name'),

  events('a kind that does not exist', { kind: 'explosion' }, 'kind'),
  events('a kind that is ours alone', { kind: 'annotation', metadata: {} }, 'kind'),
  events('what the kind needs', { kind: 'step' }, 'step'),
  events('percent beyond 100', { kind: 'progress', percent: 1e9 }, 'percent'),
  events('a message without end', { kind: 'log', message: 'x'.repeat(limits.message + 1) }, 'message'),
  events('NUL in a line', `{"kind": "log", "message": "a${BACKSLASH}u0000"}`, 'message'),
  events('no events', { events: [] }, 'events'),
  events(
    'one bad event among good ones',
    { events: [{ kind: 'log', message: 'a' }, { kind: 'log' }] },
    'events[1].message',
  ),
  events('a time without a zone', { kind: 'log', message: 'a', at: '2026-01-01T00:00:00' }, 'at'),
  {
    ...events('events without a job', { events: [{ kind: 'log', message: 'a' }] }, 'events[0].jobId'),
    path: '/events',
  },
  {
    ...events(
      'events with all sorts of faults',
      { events: [{ kind: 'log' }, { jobId: ':job', kind: 'log', message: 'a', colour: MARK }, 5] },
      'events[0].jobId',
      'events[0].message',
      'events[1].colour',
      'events[2].jobId',
      'events[2].kind',
    ),
    path: '/events',
  },
  {
    ...events(
      'events of a job 1.5',
      { events: [{ jobId: 1.5, kind: 'log', message: 'a' }] },
      'events[0].jobId',
    ),
    path: '/events',
  },
  missing('POST', '/events', {
    events: [
      { jobId: ':job', kind: 'log', message: 'a' },
      { jobId: ':foreign', kind: 'log', message: 'a' },
    ],
  }),

  {
    name: 'a body of 10 MB',
    path: '/jobs',
    body: { name: 'a', info: 'x'.repeat(10 * 1024 * 1024) },
    status: 413,
    code: 'payload_too_large',
  },
  {
    name: 'a form',
    path: '/jobs',
    body: 'name=a',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    name: 'plain text',
    path: '/jobs',
    body: '{"name": "a"}',
    headers: { 'content-type': 'text/plain' },
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    name: 'XML',
    path: '/jobs/:job/events',
    body: '<a/>',
    headers: { 'content-type': 'application/xml' },
    status: 415,
    code: 'unsupported_media_type',
  },
  {
    name: 'a content type that is none',
    path: '/jobs',
    body: '{"name": "a"}',
    headers: { 'content-type': ';;;' },
    status: 415,
    code: 'unsupported_media_type',
  },
  ...[
    ['content-type', 'application/json; charset=latin1'] as const,
    ['content-encoding', 'gzip'] as const,
  ].map(
    ([header, value]): Bad => ({
      name: `JSON with ${header}: ${value}`,
      path: '/jobs',
      body: '{"name": "a"}',
      headers: { [header]: value },
      status: 415,
      code: 'unsupported_media_type',
    }),
  ),
  {
    ...jobs('an empty Idempotency-Key', { name: 'a' }, 'Idempotency-Key'),
    headers: { 'idempotency-key': '' },
  },
  {
    ...jobs('an endless Idempotency-Key', { name: 'a' }, 'Idempotency-Key'),
    headers: { 'idempotency-key': 'k'.repeat(256) },
  },
  {
    ...events(
      'an Idempotency-Key where each event has a key of its own',
      { kind: 'status', status: 'running' },
      'Idempotency-Key',
    ),
    headers: { 'idempotency-key': 'k' },
  },

  ...[
    '/jobs/:foreign',
    '/jobs/:foreign/steps',
    '/jobs/:foreign/events',
    '/jobs/:foreign/log',
    '/jobs/4503599627370496',
    '/nothing/here',
    '/configurations/nowhere',
    '/jobs/',
  ]
    .slice(0, 7)
    .map((path) => missing('GET', path)),
  missing('POST', '/jobs/:foreign/events', { kind: 'log', message: 'a' }),
  missing('POST', '/jobs/:foreign/cancel'),
  missing('POST', '/jobs/:foreign/retry', {}),
  missing('POST', '/jobs/:foreign/heartbeat'),
  query('/jobs/0', 'id'),
  query('/jobs/-1', 'id'),
  query('/jobs/1.5', 'id'),
  query('/jobs/abc', 'id'),
  query("/jobs/1'%20OR%201=1", 'id'),
  query('/jobs/99999999999999999999', 'id'),
  query('/jobs/%00', 'id'),
  query('/jobs?limit=0', 'limit'),
  query('/jobs?limit=501', 'limit'),
  query('/jobs?limit=1e3', 'limit'),
  query('/jobs?status=paused', 'status[0]'),
  query('/jobs?kind=%00', 'kind[0]'),
  query('/jobs?sort=password', 'sort'),
  query('/jobs?colour=red&limit=x', 'limit', 'colour'),
  query('/jobs?submittedAfter=yesterday', 'submittedAfter'),
  query('/jobs?parentId=1e300', 'parentId'),
  query('/jobs/:job/events?kind=explosion', 'kind[0]'),
  query('/jobs/facets?limit=5', 'limit'),
  query('/stream?job=x', 'job[0]'),
  query('/jobs/:job?colour=red', 'colour'),
  query('/configurations?limit=0&colour=red', 'limit', 'colour'),
  query('/configurations/nowhere/versions?limit=x', 'limit'),
  query('/jobs/%zz'),
  cursor('/configurations?cursor=x'),
  cursor('/jobs?cursor=x'),
  cursor(`/jobs?cursor=${Buffer.from('["-id",1.5,1.5]').toString('base64url')}`),
  cursor(
    `/jobs?sort=-submittedAt&cursor=${Buffer.from(`["-submittedAt","' OR 1=1",5]`).toString('base64url')}`,
  ),
  cursor('/jobs/:job/events?cursor=WzFd'),
  cursor('/stream?after=tomorrow'),
  ...[
    'PUT /jobs',
    'DELETE /jobs',
    'DELETE /jobs/:job',
    'PUT /jobs/:job',
    'POST /jobs/:job',
    'PATCH /jobs/:job/events',
    'DELETE /stream',
    'OPTIONS /jobs',
  ].map((words): Bad => {
    const [method = '', path = ''] = words.split(' ');
    return {
      name: words,
      method,
      path,
      body: method === 'DELETE' ? undefined : {},
      status: 405,
      code: 'method_not_allowed',
    };
  }),
];
