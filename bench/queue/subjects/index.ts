import type { Subject } from '../subject.ts';
import { bareStatements } from './bare-statements.ts';
import { bullMq } from './bullmq.ts';
import { daybookHttp } from './daybook-http.ts';
import { daybookInside } from './daybook-inside.ts';
import { graphileWorker } from './graphile-worker.ts';
import { pgBoss } from './pg-boss.ts';

export const subjects: readonly Subject[] = [
  daybookInside('sqlite', 500, 2),
  daybookHttp('sqlite', 500),
  daybookInside('postgres', 500, 4),
  daybookHttp('postgres', 500),
  daybookHttp('postgres', 24),
  pgBoss({ perJobResults: false }),
  pgBoss({ perJobResults: true }),
  graphileWorker({ batched: false }),
  graphileWorker({ batched: true }),
  bullMq(),
  bareStatements('sqlite', 500),
  bareStatements('postgres', 500),
];

export function subjectNamed(name: string): Subject {
  const found = subjects.find((subject) => subject.name === name);
  if (found === undefined) throw new Error(`there is no subject ${name}`);
  return found;
}
