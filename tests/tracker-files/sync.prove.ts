import { expect, inject, test } from 'vitest';
import { RealServer } from '../bed/real-server.ts';
import { playScenario } from './sync-scenario.ts';

test.each(['sqlite', 'postgres'] as const)(
  'interrupted at every request, before the server hears of it or after it has committed: %s',
  async (engine) => {
    const server = await RealServer.open(engine === 'postgres' ? { postgresUrl: inject('postgresUrl') } : {});
    try {
      const control = await playScenario(server, 'control');
      for (let request = 1; request <= control.requests; request++)
        for (const lost of ['request', 'answer'] as const) {
          const name = `${lost}-${request}`;
          const { held } = await playScenario(server, name, { request, lost });
          expect({ name, held }).toEqual({ name, held: control.held });
        }
    } finally {
      await server.remove();
    }
  },
  600_000,
);
