import { describe, expect, test } from 'vitest';
import { newSecret } from '../access/secrets.ts';
import { createLog, logAnswer, requestIds } from './log.ts';
import { scrub } from './scrub.ts';

function written(level: string, write: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  write(createLog(level, { write: (line: string) => lines.push(line) }));
  return lines;
}

describe('the log', () => {
  const key = newSecret('key');
  test.each([
    [
      'a header',
      { headers: { authorization: `Bearer ${key}`, cookie: `daybook_session=${newSecret('session')}` } },
    ],
    ['headers of a request', { req: { headers: { 'x-api-key': key, 'set-cookie': ['a=hunter2'] } } }],
    ['a header of trackerapi', { req: { headers: { 'x-api_key': 'hunter2' } } }],
    ['a password', { body: { password: 'hunter2', current: 'hunter2' } }],
    ['a setting', { settings: { databaseUrl: 'postgres://u:hunter2@h/d' } }],
    ['the message of an error', { err: new Error(`cannot reach postgres://u:hunter2@h/d with ${key}`) }],
    ['the cause of an error', { err: new Error('outer', { cause: new Error(`token=hunter2&x=1 ${key}`) }) }],
    ['an address', { url: `/diary/sign-in?token=hunter2#token=${newSecret('link')}` }],
    ['an address of a webhook', { url: 'https://h/x?api_key=hunter2&Signature=hunter2' }],
    ['a scheme', { text: 'Authorization: Basic dTpodW50ZXIyaHVudGVyMg==' }],
  ])('has no secret in it: %s', (_what, line) => {
    const [text = ''] = written('info', (log) => log.info(line, 'said'));
    expect(JSON.parse(text)).toMatchObject({ level: 'info', msg: 'said' });
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain('dTpodW50ZXIy');
    expect(text).not.toMatch(/db[ksl]_[\w-]{20}/);
    expect(text).toContain('[secret]');
  });

  test('leaves the rest readable', () => {
    const line = 'GET /api/v1/jobs?status=failed&keyword=a&tag=key&q=token said https://host:8080/a?b=c';
    expect(scrub(line)).toBe(line);
    expect(scrub('/x?a=1&token=abc&b=2')).toBe('/x?a=1&token=[secret]&b=2');
  });

  test.each(['a.', 'token', 'a://', '?token=', '-', 'x@', ':'])(
    'a long line of %j is scrubbed at once',
    (piece) => {
      const before = performance.now();
      scrub(piece.repeat(64_000 / piece.length));
      // A pattern that goes back over what it has read takes minutes.
      expect(performance.now() - before).toBeLessThan(15_000);
    },
  );

  test('a request is a line at info only if it was slow or failed', () => {
    const request = {
      id: 'r-1',
      method: 'POST',
      url: '/api/v1/jobs/1/events',
      status: 201,
      ms: 3,
      ip: '127.0.0.1',
    };
    const lines = (level: string, change: object) =>
      written(level, (log) => logAnswer(log, { ...request, ...change })).length;
    expect(lines('info', {})).toBe(0);
    expect(lines('info', { status: 404 })).toBe(0);
    expect(lines('info', { status: 503 })).toBe(1);
    expect(lines('info', { ms: 1_001 })).toBe(1);
    expect(lines('info', { ms: 60_000, patient: true })).toBe(0);
    expect(lines('debug', {})).toBe(1);
  });
});

describe('ids of requests', () => {
  test('are the caller’s if they are sane', () => {
    const idOf = requestIds();
    expect(idOf({ headers: { 'x-request-id': 'trace-1:a.b_c' } })).toBe('trace-1:a.b_c');
  });

  test.each(['', 'a b', 'a\nb', '"}', 'é', 'x'.repeat(129)])('%j is replaced', (given) => {
    expect(requestIds()({ headers: { 'x-request-id': given } })).toMatch(/^[0-9a-f]{10}-1$/);
  });

  test('differ among requests and processes', () => {
    const [one, other] = [requestIds(), requestIds()];
    const made = [one, one, other, other].map((idOf) => idOf({ headers: {} }));
    expect(new Set(made).size).toBe(4);
  });
});
