import { describe, expect, test } from 'vitest';
import { parseTicket, type Ticket, ticketText } from './ticket.ts';
import { editOfPatch, mergeEdit, silenceChange, withFields } from './ticket-edit.ts';
import { ticketSighting } from './ticket-events.ts';

const now = Date.parse('2026-01-31T12:00:00Z');

function ticket(some: Partial<Ticket['job_management']> = {}, context: Record<string, unknown> = {}): Ticket {
  return {
    job_ticket_id: 't',
    job_name: 'create_asset',
    job_management: {
      current_step: 2,
      steps: { '1': 'fetch', '2': 'check' },
      job_status: 'failed',
      previous_step_status: 'failed',
      ...some,
    },
    context,
    creation_date: '2026-01-31 10:00:00',
    last_modified_date: '2026-01-31 10:00:00',
  };
}

describe('an edit of a ticket', () => {
  const edit = editOfPatch(ticket({ numberOfTries: 2 }), { status: 'queued' });

  test('goes into a file that is as it was, with all tries before it', () => {
    const merged = mergeEdit(ticket({ numberOfTries: 2 }), edit, now);
    expect(merged).toMatchObject({
      kind: 'write',
      ticket: {
        job_management: {
          job_status: 'queued',
          previous_step_status: 'success',
          numberOfTries: 0,
          current_step: 2,
        },
        last_modified_date: '2026-01-31 12:00:00',
      },
    });
  });

  test('goes into a file that changed elsewhere, and keeps that', () => {
    const changed = ticket({ numberOfTries: 2 }, { size: 12 });
    expect(mergeEdit(changed, edit, now)).toMatchObject({ kind: 'write', ticket: { context: { size: 12 } } });
  });

  test('is done where the file has it, and in conflict where the file has something else', () => {
    const have = { job_status: 'queued', previous_step_status: 'success', numberOfTries: 0 } as const;
    expect(mergeEdit(ticket(have), edit, now)).toEqual({ kind: 'done' });
    expect(mergeEdit(ticket({ numberOfTries: 2, job_status: 'running' }), edit, now)).toEqual({
      kind: 'conflict',
      found: { 'job_management.job_status': 'running' },
    });
    // It failed again, but at another step than the one that was seen.
    expect(mergeEdit(ticket({ numberOfTries: 2, current_step: 1 }), edit, now)).toEqual({
      kind: 'conflict',
      found: { 'job_management.current_step': 1 },
    });
  });

  test('sets and takes away properties, in their place, and keeps numbers that JavaScript cannot hold', () => {
    const text = ticketText(ticket({}, { first: 1, second: 2, third: 3 })).replace(
      '"first": 1',
      '"first": 12345678901234567890',
    );
    const exact = parseTicket(text, 'exact').ticket as Ticket;
    const { change } = editOfPatch(exact, { context: { second: 'two', third: null, fourth: [4] } });
    const written = ticketText(withFields(exact, change, now));
    expect(written).toContain('"first": 12345678901234567890,\n    "second": "two",\n    "fourth": [');
    expect(written).not.toContain('third');
  });

  test('of the monitor: tries again while there are tries, then fails with the reason', () => {
    expect(silenceChange(ticket({ numberOfTries: 1 }), 2, 'silent', now)).toEqual({
      'job_management.job_status': 'queued',
      'job_management.numberOfTries': 2,
    });
    expect(silenceChange(ticket({ numberOfTries: 1, maxNumberOfTries: 1 }), 9, 'silent', now)).toMatchObject({
      'job_management.job_status': 'failed',
      'context.errors_encountered': [{ message: 'silent', step: 2, date: '2026-01-31 12:00:00' }],
    });
  });
});

test('an error that a script notes in a way of its own is shown, and stays when the monitor adds one', () => {
  const noted = ticket({ numberOfTries: 1 }, { errors_encountered: 'disk full' });
  expect(ticketSighting(noted).sighting.errors).toEqual(['disk full']);
  expect(silenceChange(noted, 0, 'silent', now)['context.errors_encountered']).toEqual([
    'disk full',
    expect.objectContaining({ message: 'silent' }),
  ]);
});

describe('a ticket as a sighting', () => {
  test('names every step once, whatever its template does', () => {
    const steps = { '1': 'copy', '2': 'copy', '3': 'x'.repeat(200) };
    const { sighting } = ticketSighting(
      ticket({ steps, current_step: 3, job_status: 'running', previous_step_status: 'failed' }),
    );
    expect(sighting.steps?.map(({ tag, status }) => `${tag} ${status}`)).toEqual([
      'copy succeeded',
      'step-2 failed',
      'step-3 running',
    ]);
  });

  test('leaves out a context that no job can hold, and says why', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`);
    expect(ticketSighting(ticket({}, deep)).contextFault).toContain('nested deeper');
    expect(ticketSighting(ticket({}, deep)).sighting.context).toBeUndefined();
  });

  test('reads errors of every shape', () => {
    const errors_encountered = ['plain', { message: 'm', exception: 'e' }, { code: 7 }, 8, 'nul \u0000'];
    expect(ticketSighting(ticket({}, { errors_encountered })).sighting.errors).toEqual([
      'plain',
      'm\ne',
      '{"code":7}',
      '8',
      'nul \uFFFD',
    ]);
  });
});
