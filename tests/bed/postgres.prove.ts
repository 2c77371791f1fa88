import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { budget } from './budget.ts';
import { createDatabase, startPostgres } from './postgres.ts';

const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('daybook-postgres-'));

test('servers come and go, several at once, and leave nothing behind', async () => {
  const before = folders();
  for (let round = 0; round < budget(2, 20); round += 1) {
    const servers = await Promise.all([startPostgres(), startPostgres(), startPostgres()]);
    expect(new Set(servers.map(({ port }) => port)).size).toBe(3);
    await Promise.all(servers.map(({ url }) => createDatabase(url, 'mine')));
    await Promise.all(servers.map((server) => server.stop()));
  }
  expect(folders().filter((name) => !before.includes(name))).toEqual([]);
});
