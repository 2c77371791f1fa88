import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ticket } from '@daybook/core';
import { expect, it, onTestFinished } from 'vitest';
import { command, type Ended, ended } from '../cli/diary.ts';

/** A directory of tickets, and the built command that works in it. */
function openOffice(): {
  jobs: string;
  ticket: (...words: string[]) => Promise<Ended>;
  env: NodeJS.ProcessEnv;
} {
  const jobs = mkdtempSync(join(tmpdir(), 'daybook-tickets-'));
  onTestFinished(() => rmSync(jobs, { recursive: true }));
  const env = { ...process.env, JOB_DATA_BASEDIR: jobs };
  return { jobs, env, ticket: (...words) => run(words, env) };
}

async function run(words: readonly string[], env: NodeJS.ProcessEnv, input = ''): Promise<Ended> {
  const child: ChildProcessWithoutNullStreams = spawn(process.execPath, [command, 'ticket', ...words], {
    env,
  });
  child.stdin.end(input);
  return await ended(child);
}

it('a job from its ticket to its end, from a shell', async () => {
  const { jobs, env, ticket } = openOffice();
  const made = await ticket('init', 'create_asset', '--context', '{"space": "photos"}');
  const document = JSON.parse(made.stdout) as Ticket;
  const { job_ticket_id: id } = document;
  expect(made.stdout).toBe(readFileSync(join(jobs, `${id}.json`), 'utf8'));
  const done = async (...words: string[]) => {
    const { code, stdout, stderr } = await ticket(...words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout.trimEnd();
  };
  expect(await done('status', id)).toBe('');
  expect(await done('status', id, 'running')).toBe(`${id}  running  1/6 generate_mock_manifest`);
  expect(await done('advance', id)).toBe(`${id}  running  2/6 retrieve_image_from_origin`);
  await done('context', id, 'pages', '240');
  expect(await done('context', id, 'pages')).toBe('240');
  await done('context', id, 'accession', '12345678901234567890');
  expect(await done('context', id, 'accession')).toBe('12345678901234567890');
  const child = await done('init', 'create_asset', '--parent', id, '--quiet');
  expect(await done('children', id, '--count')).toBe('1');
  expect(JSON.parse(await done('error', child, 'no manifest', '--json'))).toMatchObject({
    job_management: { job_status: 'failed', previous_step_status: 'failed' },
    context: { errors_encountered: [{ message: 'no manifest', step: 1 }] },
  });
  expect(await done('list', '--status', 'failed')).toMatch(
    new RegExp(`^TICKET .*\\n${child}  create_asset  failed  1/6 generate_mock_manifest  `),
  );
  await done('touch', id, '--at', '2026-01-31T18:00:00Z');
  expect(await done('timestamp', id)).toBe('2026-01-31 18:00:00');

  const mended = { ...document, job_management: { ...document.job_management, current_step: 6 } };
  expect((await run(['replace'], env, JSON.stringify(mended))).stdout).toContain('6/6 save_data');
  expect(JSON.parse(await done('show', id))).toEqual(mended);
});

it('says what is wrong, and tells it by its exit code', async () => {
  const { jobs, env, ticket } = openOffice();
  writeFileSync(join(jobs, 'torn.json'), '{');
  const answers = await Promise.all([
    ticket('init', 'nothing'),
    ticket('show', 'nobody'),
    ticket('show', 'torn'),
    ticket('list'),
    ticket('show', '../torn'),
    run(['replace'], env, '{"job_ticket_id": "x"}'),
    run(['list'], { ...env, JOB_DATA_BASEDIR: '' }),
  ]);
  expect(answers.map(({ code }) => code)).toEqual([66, 66, 65, 1, 64, 65, 64]);
  expect(answers.map(({ stderr }) => stderr.replaceAll(jobs, 'JOBS'))).toEqual([
    'daybook: no template is called "nothing"; there are: create_asset\n',
    'daybook: there is no ticket nobody at JOBS/nobody.json\n',
    'daybook: JOBS/torn.json: is no JSON at line 1, column 1: this { is never closed\n',
    'no tickets\ntorn.json: is no JSON at line 1, column 1: this { is never closed\n',
    'daybook: "../torn" is no id of a ticket\n',
    expect.stringContaining('  job_name: is missing\n'),
    'daybook: name the directory of the tickets, or set JOB_DATA_BASEDIR to it\n',
  ]);
});
