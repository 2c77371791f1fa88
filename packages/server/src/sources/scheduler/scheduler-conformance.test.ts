import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { systemClock } from '../../clock.ts';
import type { SourceKind } from '../source.ts';
import { FakePrograms } from '../testing/fake-programs.ts';
import { LogTree } from '../testing/log-tree.ts';
import { describeSource, type OutsideWorld } from '../testing/source-conformance.ts';
import { schedulerKinds } from './kinds.ts';

const programs = new FakePrograms();
afterAll(() => programs.remove());
const kinds = new Map(
  schedulerKinds({ clock: systemClock, programs: [programs.folder], betweenTries: 1 }).map((kind) => [
    kind.kind,
    kind,
  ]),
);

describeSource(kinds.get('sge-logs') as SourceKind, (clock) => {
  const tree = new LogTree();
  let count = 1_000;
  return {
    settings: { directory: tree.logs, timeZone: 'UTC' },
    endsAs: 'finished',
    submit() {
      count += 1;
      tree.submit(count, clock.now() - 60_000);
      tree.stand(count, 'pending');
      return `${count}`;
    },
    start: (id) => tree.stand(Number(id), 'running'),
    end: (id) => tree.stand(Number(id), 'finished'),
    spoil() {
      const name = tree.logName(7, clock.now());
      writeFileSync(join(tree.logs, name), 'job_number: none\n');
      return name;
    },
    cut: () => renameSync(tree.logs, `${tree.logs}.away`),
    mend: () => renameSync(`${tree.logs}.away`, tree.logs),
    close: () => tree.remove(),
  };
});

describeSource(kinds.get('command') as SourceKind, () =>
  printing(
    (jobs) =>
      programs.prints(
        'tell-jobs',
        [...jobs]
          .map(([externalId, status]) => `${JSON.stringify({ externalId, name: 'deck', status })}\n`)
          .join(''),
      ),
    'tell-jobs',
    { program: 'tell-jobs' },
  ),
);

const slurmStates = { queued: 'PENDING', running: 'RUNNING', succeeded: 'COMPLETED' };
describeSource(kinds.get('slurm') as SourceKind, (clock) => {
  const submitted = Math.floor(clock.now() / 1_000) - 60;
  programs.prints('scontrol', '');
  programs.prints('sacct', '');
  return printing(
    (jobs) =>
      programs.printsRows(
        'squeue',
        [...jobs].map(([id, status]) => {
          const times = [submitted, submitted + 1, status === 'succeeded' ? submitted + 9 : 'N/A'];
          return [
            id,
            id,
            'N/A',
            slurmStates[status],
            'None',
            ...times,
            'doea',
            'a',
            'dyn',
            1,
            1,
            '/run',
            'deck',
            id,
          ];
        }),
      ),
    'squeue',
    { timeZone: 'UTC' },
  );
});

/** Grid Engine forgets what has ended: how it ended stands in the accounting alone. */
describeSource(kinds.get('sge') as SourceKind, (clock) => {
  const T = Math.floor(clock.now() / 1_000) - 60;
  const accounting = join(programs.folder, 'accounting');
  return printing(
    (jobs) => {
      const open = [...jobs].filter(([, status]) => status !== 'succeeded');
      const list = open.map(
        ([id, status]) =>
          `<job_list state="x"><JB_job_number>${id}</JB_job_number><JB_name>deck</JB_name><JB_owner>doea</JB_owner><state>${status === 'queued' ? 'qw' : 'r'}</state></job_list>`,
      );
      const details = open.map(
        ([id]) =>
          `<element><JB_job_number>${id}</JB_job_number><JB_submission_time>${T}</JB_submission_time></element>`,
      );
      programs.answersQstat(
        `<job_info><queue_info>${list.join('')}</queue_info></job_info>`,
        `<detailed_job_info><djob_info>${details.join('')}</djob_info></detailed_job_info>`,
      );
      const usage = Array(18).fill('0').join(':');
      const ends = [...jobs].flatMap(([id, status]) =>
        status === 'succeeded'
          ? `dyn:node:g:doea:deck:${id}:sge:0:${T}:${T + 5}:${T + 60}:0:0:${usage}:NONE:dep:NONE:1:0:0:0:0:NONE:0:NONE:0:0:0\n`
          : [],
      );
      writeFileSync(accounting, ends.join(''));
    },
    'qstat',
    { timeZone: 'UTC', accounting },
  );
});

const pbsStates = { queued: 'Q', running: 'R', succeeded: 'F' };
describeSource(kinds.get('pbs') as SourceKind, (clock) => {
  const T = Math.floor(clock.now() / 1_000) - 60;
  return printing(
    (jobs) => {
      const told = [...jobs].map(([id, status]) => [
        `${id}.server`,
        {
          Job_Name: 'deck',
          Job_Owner: 'doea@node',
          job_state: pbsStates[status],
          ctime: `${T}`,
          ...(status === 'succeeded' && { Exit_status: 0, obittime: `${T + 60}` }),
        },
      ]);
      programs.prints('qstat', JSON.stringify({ Jobs: Object.fromEntries(told) }));
    },
    'qstat',
    { timeZone: 'UTC' },
  );
});

/** A program that prints all jobs there are. */
function printing(
  print: (jobs: ReadonlyMap<string, 'queued' | 'running' | 'succeeded'>) => void,
  program: string,
  settings: object,
): OutsideWorld {
  const jobs = new Map<string, 'queued' | 'running' | 'succeeded'>();
  const set = (id: string, status: 'queued' | 'running' | 'succeeded') => {
    jobs.set(id, status);
    print(jobs);
  };
  return {
    settings: { ...settings, interval: 30 },
    every: 30_000,
    submit() {
      const id = `${jobs.size + 1}`;
      set(id, 'queued');
      return id;
    },
    start: (id) => set(id, 'running'),
    end: (id) => set(id, 'succeeded'),
    cut: () => programs.fails(program, 'Connection refused'),
    mend: () => print(jobs),
    close: () => undefined,
  };
}
