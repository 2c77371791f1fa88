import { tutorial } from './python-client.ts';

/** A request that nobody should send, and what is answered to it. `:job` is a provider_job_id, `:event` an event's id. */
export interface BadRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly detail: RegExp;
  readonly body?: unknown;
}

function bad(method: string, path: string, status: number, detail: RegExp, body?: unknown): BadRequest {
  return { method, path, status, detail, ...(body !== undefined && { body }) };
}

const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const configuration = (more: Record<string, unknown>) => tutorial('bad', more);
const steps = (...step_configurations: unknown[]) => configuration({ step_configurations });
const job = (more: object) => ({ provider_job_id: 'never', customer_id: 1, tag: 'x', ...more });
const event = (more: object) => ({ kind: 'step', name: 'say_hello', provider_job_id: ':job', ...more });
const update = (more: object) => ({ kind: 'Complete', id: ':event', event_metadata: {}, ...more });

export const badRequests: readonly BadRequest[] = [
  bad('GET', '', 404, /nothing/),
  bad('GET', '/nonsense', 404, /nothing/),
  bad('DELETE', '/jobs', 405, /GET, POST/),
  ...['/job_configurations', '/jobs_configuration', '/jobs', '/studies', '/events', '/update_event'].flatMap(
    (path) => [
      bad('POST', path, 400, /JSON|body/),
      bad('POST', path, 400, /JSON/, '{'),
      bad('POST', path, 400, /./, '[]'),
      bad('POST', path, 400, /./, '17'),
      bad('POST', path, 400, /./, 'null'),
      bad('POST', path, 413, /nested/, deep),
      bad('POST', path, 400, /./, {}),
    ],
  ),
  bad('POST', '/job_configurations', 400, /tag/, configuration({ tag: undefined })),
  bad('POST', '/job_configurations', 400, /tag/, configuration({ tag: '' })),
  bad('POST', '/job_configurations', 400, /tag/, configuration({ tag: 17 })),
  bad('POST', '/job_configurations', 400, /tag/, configuration({ tag: 'a\u0000b' })),
  bad('POST', '/job_configurations', 400, /tag/, configuration({ tag: 'T'.repeat(101) })),
  bad('POST', '/job_configurations', 400, /name/, configuration({ name: ' ' })),
  bad('POST', '/job_configurations', 400, /version/, configuration({ version: 2 })),
  bad('POST', '/job_configurations', 400, /version/, configuration({ version: 'a b' })),
  bad('POST', '/job_configurations', 400, /step_configurations/, configuration({ step_configurations: {} })),
  bad(
    'POST',
    '/job_configurations',
    400,
    /step_configurations/,
    configuration({ step_configurations: null }),
  ),
  bad('POST', '/job_configurations', 400, /points/, steps({ name: 'A', tag: 'a' })),
  bad('POST', '/job_configurations', 400, /points/, steps({ name: 'A', tag: 'a', points: 0 })),
  bad('POST', '/job_configurations', 400, /points/, steps({ name: 'A', tag: 'a', points: -1 })),
  bad('POST', '/job_configurations', 400, /points/, steps({ name: 'A', tag: 'a', points: '10' })),
  bad(
    'POST',
    '/job_configurations',
    400,
    /points/,
    '{"name":"A","tag":"bad","step_configurations":[{"name":"A","tag":"a","points":1e999}]}',
  ),
  bad(
    'POST',
    '/job_configurations',
    400,
    /step 1 already/,
    steps({ name: 'A', tag: 'a', points: 1 }, { name: 'B', tag: 'a', points: 1 }),
  ),
  bad(
    'POST',
    '/job_configurations',
    400,
    /metadata_configurations/,
    steps({ name: 'A', tag: 'a', points: 1, metadata_configurations: {} }),
  ),
  bad(
    'POST',
    '/job_configurations',
    400,
    /name/,
    steps({ name: 'A', tag: 'a', points: 1, metadata_configurations: [{ units: 's' }] }),
  ),
  bad('POST', '/job_configurations', 400, /microdata/, configuration({ tag: 'microdata' })),
  bad('GET', '/job_configurations/999999999', 404, /999999999/),
  bad('GET', '/job_configurations/abc', 404, /abc/),
  bad('GET', '/job_configurations/..%2F1', 404, /no job configuration/),
  bad('GET', '/job_configurations?tag=', 400, /tag/),
  bad('GET', `/job_configurations?tag=${'T'.repeat(101)}`, 400, /tag/),
  bad('GET', '/job_configurations?tag=a&tag=b', 400, /tag/),
  ...(['/jobs', '/studies'] as const).flatMap((path) => [
    bad('POST', path, 400, /provider_job_id: is missing/, { tag: 'x' }),
    bad('POST', path, 400, /provider_job_id/, job({ provider_job_id: '' })),
    bad('POST', path, 400, /provider_job_id/, job({ provider_job_id: 1.5 })),
    bad('POST', path, 400, /provider_job_id/, job({ provider_job_id: ['a'] })),
    bad('POST', path, 400, /provider_job_id/, job({ provider_job_id: 'a\u0000' })),
    bad('POST', path, 400, /provider_job_id/, job({ provider_job_id: 'a'.repeat(501) })),
    bad('POST', path, 400, /customer_id/, job({ customer_id: { id: 1 } })),
    bad('POST', path, 400, /customer_id/, job({ customer_id: '' })),
    bad('POST', path, 400, /customer_id/, job({ customer_id: 'c\ud800' })),
    bad('POST', path, 400, /tag/, job({ tag: undefined })),
    bad('POST', path, 400, /tag/, job({ tag: 17 })),
    bad('POST', path, 400, /name/, job({ provider_job_name: 'n'.repeat(501) })),
    bad('GET', `${path}/999999999`, 404, /no job/),
    bad('GET', `${path}/abc`, 404, /no job/),
    bad('GET', `${path}/-1`, 404, /no job/),
    bad('GET', `${path}/99999999999999999999`, 404, /no job/),
    bad('GET', `${path}?provider_job_id=${'x'.repeat(2_000)}`, 400, /provider_job_id/),
    bad('GET', `${path}?provider_job_id=a&provider_job_id=b`, 400, /provider_job_id/),
    bad('GET', `${path}?provider_job_id=%00`, 400, /provider_job_id/),
    bad('GET', `${path}?provider_study_id=a%00`, 400, /provider_study_id/),
  ]),
  bad('POST', '/events', 400, /kind/, event({ kind: undefined })),
  bad('POST', '/events', 400, /kind/, event({ kind: 'nonsense' })),
  bad('POST', '/events', 400, /kind/, event({ kind: '__proto__' })),
  bad('POST', '/events', 400, /kind/, event({ kind: 17 })),
  bad('POST', '/events', 400, /name/, event({ name: undefined })),
  bad('POST', '/events', 400, /name/, event({ name: '' })),
  bad('POST', '/events', 400, /name/, event({ name: 'a\u0000' })),
  bad('POST', '/events', 400, /name/, event({ name: 'n'.repeat(101) })),
  bad('POST', '/events', 400, /tag/, event({ tag: 17 })),
  bad('POST', '/events', 400, /provider_job_id/, event({ provider_job_id: undefined })),
  bad('POST', '/events', 404, /no job with the provider_job_id absent/, event({ provider_job_id: 'absent' })),
  bad(
    'POST',
    '/events',
    404,
    /provider_study_id absent/,
    event({ provider_job_id: undefined, provider_study_id: 'absent' }),
  ),
  bad('POST', '/events', 400, /event_metadata/, event({ event_metadata: 'x' })),
  bad('POST', '/events', 400, /event_metadata/, event({ event_metadata: [] })),
  bad('POST', '/events', 400, /event_metadata/, event({ event_metadata: { a: '\u0000' } })),
  bad('POST', '/events', 400, /event_metadata/, event({ event_metadata: { a: 'x'.repeat(300_000) } })),
  bad(
    'POST',
    '/events',
    400,
    /event_metadata/,
    '{"kind":"step","name":"say_hello","provider_job_id":":job","event_metadata":{"a":1e999}}',
  ),
  bad(
    'POST',
    '/events',
    400,
    /event_metadata/,
    '{"kind":"step","name":"say_hello","provider_job_id":":job","event_metadata":{"__proto__":{"a":1}}}',
  ),
  bad('POST', '/update_event', 400, /kind/, update({ kind: 'nonsense' })),
  bad('POST', '/update_event', 400, /id/, update({ id: undefined })),
  bad('POST', '/update_event', 400, /id/, update({ id: 0 })),
  bad('POST', '/update_event', 400, /id/, update({ id: 1.5 })),
  bad('POST', '/update_event', 400, /id/, update({ id: '1; DROP TABLE jobs' })),
  bad('POST', '/update_event', 400, /id/, '{"kind":"step","id":1e400}'),
  bad('POST', '/update_event', 404, /no event/, update({ id: 999_999_999 })),
  bad('POST', '/update_event', 404, /no event/, update({ id: 999_999_999_999_999 })),
  bad('POST', '/update_event', 400, /event_metadata/, update({ event_metadata: 17 })),
  bad('POST', '/api-keys', 400, /note/, { note: 17 }),
  bad('POST', '/api-keys', 400, /note/, { note: 'n'.repeat(1_001) }),
  bad('POST', '/api-keys', 400, /JSON/, '{'),
  bad('POST', '/api-keys/999999999/expire', 404, /no key/),
  bad('POST', '/api-keys/abc/expire', 404, /no key/),
  bad('POST', '/login', 400, /username/, {}),
  bad('POST', '/login', 400, /password/, { username: 'a' }),
  bad('POST', '/login', 400, /username/, { username: '', password: 'x' }),
];
