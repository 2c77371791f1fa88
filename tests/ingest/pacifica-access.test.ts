import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
import { goodBundle } from './bundles.ts';

/* Who asks (contracts/pacifica.md): told here by the address that somebody speaks from, all of them this machine's. */

let server: RealServer;
beforeAll(async () => {
  const flags = ['--trusted-proxies', '127.0.0.2', '--ingest-networks', '127.0.0.1/32'];
  server = await RealServer.open({ flags: [...flags, '--ingest-default-user', 'dmlb2000'] });
});
afterAll(() => server.remove());

interface Answer {
  readonly job_id: number;
  readonly status: string;
  readonly message: string;
}

/** Asks from an address of this machine. */
const from = (
  localAddress: string,
  headers: Record<string, string>,
  tar = goodBundle([{ path: 'data/a', content: 'a' }]),
) =>
  new Promise<{ status: number; body: Answer }>((resolve, reject) => {
    const call = request(`${server.url}/ingest`, { method: 'POST', localAddress, headers });
    call.on('error', reject).on('response', async (response) => {
      const text = Buffer.concat(await response.toArray()).toString();
      resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
    });
    call.end(tar);
  });
const user = async (answer: ReturnType<typeof from>) => {
  const { body } = await answer;
  return ((await server.ask('GET', `/jobs/${body.job_id}`)).body as { user: string }).user;
};
const named = { 'x-http-authed-user': 'alice' };

test('by what a trusted proxy says, and by nobody else’s word', async () => {
  expect(await user(from('127.0.0.2', named))).toBe('alice');
  expect(await user(from('127.0.0.1', named))).toBe('dmlb2000');
  expect(await user(from('127.0.0.1', {}))).toBe('dmlb2000');
  // A proxy that names nobody speaks for whoever is behind it.
  expect(await user(from('127.0.0.2', { 'x-forwarded-for': '127.0.0.1' }))).toBe('dmlb2000');
  expect((await from('127.0.0.2', { 'x-forwarded-for': '127.0.0.9' })).status).toBe(401);
});

test('and refuses strangers in the form of its clients, before they have sent anything', async () => {
  const strangers: Record<string, string>[] = [
    named,
    { ...named, 'x-forwarded-for': '127.0.0.1' },
    { 'x-real-ip': '127.0.0.1' },
  ];
  for (const headers of strangers) {
    const { status, body } = await from('127.0.0.3', headers);
    expect([status, body]).toEqual([
      401,
      {
        status: '401 Unauthorized',
        message: expect.any(String),
        traceback: '',
        version: expect.any(String),
      },
    ]);
  }
  // A page of somebody else's that a browser in the network shows.
  expect((await from('127.0.0.1', { origin: 'https://elsewhere.example' })).status).toBe(403);
  expect((await from('127.0.0.1', { host: 'elsewhere.example' })).status).toBeGreaterThanOrEqual(400);
});

test('by a key, if it may bring bundles', async () => {
  const bearer = async (role: string) => ({
    authorization: `Bearer ${await server.createKey('--role', role, '--name', `${role}-key`)}`,
  });
  expect(await user(from('127.0.0.3', await bearer('provider')))).toBe('provider-key');
  expect((await from('127.0.0.3', await bearer('viewer'))).status).toBe(403);
});
