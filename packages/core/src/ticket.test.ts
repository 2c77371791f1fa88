import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTicket, type Ticket, ticketDate, ticketFaults, ticketText, ticketTime } from './ticket.ts';
import {
  builtInTicketTemplates,
  newTicket,
  readTicketTemplate,
  type TicketTemplate,
} from './ticket-template.ts';

const createAsset = builtInTicketTemplates[0] as TicketTemplate;
const id = '39aa64a5-7451-45fc-b5bd-68d1bf02b31e-43e85fab1540';
const now = Date.UTC(2020, 10, 10, 22, 24, 0, 999);

/** As contracts/tracker-files.md writes it. */
const contract = `{"job_ticket_id": "39aa64a5-7451-45fc-b5bd-68d1bf02b31e-43e85fab1540",
 "job_name": "create_asset",
 "job_management": {"current_step": 1,
   "steps": {"1": "generate_mock_manifest", "2": "retrieve_image_from_origin", "3": "check_jp2_compliance",
             "4": "create_thumbnails", "5": "save_to_storage", "6": "save_data"},
   "job_status": "", "previous_step_status": ""},
 "context": {}, "creation_date": "2020-11-10 22:24:00", "last_modified_date": "2020-11-10 22:24:00"}`;

function changed(change: (ticket: Record<string, unknown>) => void): unknown {
  const ticket = JSON.parse(contract) as Record<string, unknown>;
  change(ticket);
  return ticket;
}

describe('a new ticket', () => {
  it('is the one of the contract, field for field and in order', () => {
    expect(ticketText(newTicket(id, createAsset, {}, now))).toBe(
      `${JSON.stringify(JSON.parse(contract), null, 2)}\n`,
    );
  });

  it('leaves out the steps that its template leaves out for its space, and numbers the rest from 1', () => {
    const { template } = readTicketTemplate(
      {
        job_management: { steps: { 1: 'fetch', 2: 'check', 10: 'store' }, maxNumberOfTries: 3 },
        skip_steps: { photos: ['check'] },
      },
      'import',
    );
    const ticket = newTicket(id, template as TicketTemplate, { space: 'photos' }, now, 'parent');
    expect(ticket).toMatchObject({
      job_name: 'import',
      job_management: { steps: { 1: 'fetch', 2: 'store' }, numberOfTries: 0, maxNumberOfTries: 3 },
      parent_job_ticket_id: 'parent',
    });
    const other = newTicket(id, template as TicketTemplate, { space: 'toString' }, now);
    expect(other.job_management.steps).toEqual({ 1: 'fetch', 2: 'check', 3: 'store' });
  });
});

describe('a template', () => {
  it('that leaves out a step which it does not have is refused', () => {
    const value = { job_management: { steps: { 1: 'fetch' } }, skip_steps: { photos: ['fetch', 'fetsch'] } };
    expect(readTicketTemplate(value, 'x').faults).toEqual([
      { path: 'skip_steps.photos[1]', message: 'must be one of the steps, is "fetsch"' },
    ]);
  });
});

describe('a ticket as text', () => {
  it('keeps fields that nobody here knows, where they are', () => {
    const text = ticketText(
      changed((ticket) => {
        const { context, ...rest } = ticket;
        for (const name of Object.keys(ticket)) delete ticket[name];
        Object.assign(ticket, { first: 1 }, rest, { between: { z: 1, a: [2] }, context });
      }) as Ticket,
    );
    expect(ticketText(parseTicket(text).ticket as Ticket)).toBe(text);
  });

  it('comes back as it was, whatever numbers it has', () => {
    const big = '12345678901234567890';
    const text = contract.replace(
      '"context": {}',
      `"context": {"a": ${big}, "b": [1e999, 0.1, 5e2, -${big}]}`,
    );
    const { ticket } = parseTicket(text, 'exact');
    expect(JSON.stringify(ticket?.context)).toBe(`{"a":${big},"b":[1e999,0.1,500,-${big}]}`);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const written = contract.replace(
          '"context": {}',
          () => `"context": {"value": ${JSON.stringify(value)}}`,
        );
        const read = parseTicket(written, 'exact').ticket as Ticket;
        expect(JSON.stringify(read.context['value'])).toBe(JSON.stringify(value));
      }),
    );
  });

  it('that is broken is told with its place', () => {
    expect(parseTicket(contract.slice(0, 80)).faults).toEqual([
      { path: '', message: expect.stringMatching(/^is no JSON at line 2, column \d+: /) },
    ]);
    expect(parseTicket(' \n').faults).toEqual([{ path: '', message: 'is empty' }]);
    expect(parseTicket('[]').faults).toHaveLength(1);
    expect(parseTicket('['.repeat(200_000)).faults).toHaveLength(1);
    const deep = contract.replace('"context": {}', `"context": {"a": ${'['.repeat(99)}${']'.repeat(99)}}`);
    expect(parseTicket(deep).faults).toEqual([{ path: '', message: 'is nested deeper than 64 levels' }]);
  });
});

describe('what is no ticket', () => {
  it.each([
    ['job_ticket_id', '../../etc/passwd', 'job_ticket_id'],
    ['job_ticket_id', '.hidden', 'job_ticket_id'],
    ['creation_date', '2021-02-30 00:00:00', 'creation_date'],
    ['last_modified_date', '2021-02-03T00:00:00Z', 'last_modified_date'],
    ['context', [], 'context'],
    ['job_management', undefined, 'job_management'],
  ])('%s: %j is told by its path', (field, value, path) => {
    const faults = ticketFaults(changed((ticket) => Object.assign(ticket, { [field]: value })));
    expect(faults.map((fault) => fault.path)).toEqual([path]);
  });

  it('tells every fault at once', () => {
    const value = changed((ticket) => {
      ticket['job_management'] = { current_step: 1.5, steps: { 0: 'a', 1: '' }, job_status: 'done' };
    });
    expect(ticketFaults(value).map(({ path }) => path)).toEqual([
      'job_management.current_step',
      'job_management.steps.0',
      'job_management.steps.1',
      'job_management.job_status',
      'job_management.previous_step_status',
    ]);
  });
});

describe('the dates of a ticket', () => {
  it('are UTC to the second, both ways', () => {
    expect(ticketDate(now)).toBe('2020-11-10 22:24:00');
    expect(ticketTime('2020-11-10 22:24:00')).toBe(now - 999);
    expect(ticketTime('2020-11-10 24:00:00')).toBeNaN();
  });
});
