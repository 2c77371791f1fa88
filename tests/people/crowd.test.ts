import { afterEach, describe, expect, inject, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
import { proveCrowd } from './prove-crowd.ts';

let server: RealServer | undefined;
afterEach(async () => {
  await server?.remove();
  server = undefined;
});

describe.each(['sqlite', 'postgres'] as const)('%s', (engine) => {
  test('a crowd of providers loses nothing, and each customer sees exactly their own', async () => {
    server = await RealServer.open({
      ...(engine === 'postgres' && { postgresUrl: inject('postgresUrl') }),
      flags: ['--rate-limit', '0'],
    });
    const rate = await proveCrowd(server, { providers: 20, jobs: 20, events: 20 });
    console.log(`${engine}: ${rate} events/s`);
    expect(rate).toBeGreaterThan(0);
  }, 120_000);
});
