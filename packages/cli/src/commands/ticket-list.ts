import { jobStatusOfTicket, type Ticket, ticketTime, toIso } from '@daybook/core';
import type { JobTracker, TicketFilter, TicketProblem } from '@daybook/sdk';
import { exitCodes } from '../exit-codes.ts';
import { ago, statusStyle } from '../terminal/job-words.ts';
import { type Column, tableLines } from '../terminal/table.ts';
import { columnsOf, paint, print, printJson, type Terminal, tell } from '../terminal/terminal.ts';
import { printable } from '../terminal/text-width.ts';
import { openTracker, statusText, stepText, type TicketFlags, tellProblem } from './ticket-flags.ts';

/** Lists the tickets that fit, and tells which files are none; the answer is the exit code. */
export async function listTickets(
  filter: TicketFilter,
  flags: TicketFlags,
  terminal: Terminal,
): Promise<number> {
  const { tickets, problems } = await read(filter, flags, terminal);
  if (flags.json) printJson(terminal, tickets);
  else if (tickets.length === 0) tell(terminal, 'no tickets');
  else
    for (const line of tableLines(columns(terminal), tickets, columnsOf(terminal.stdout), (text) =>
      paint(terminal.stdout, 'dim', text),
    ))
      print(terminal, line);
  return endWith(problems, terminal);
}

export async function countTickets(
  filter: TicketFilter,
  flags: TicketFlags,
  terminal: Terminal,
): Promise<number> {
  const { tickets, problems } = await read(filter, flags, terminal);
  print(terminal, String(tickets.length));
  return endWith(problems, terminal);
}

async function read(filter: TicketFilter, flags: TicketFlags, terminal: Terminal) {
  const problems: TicketProblem[] = [];
  const tracker: JobTracker = openTracker(flags, terminal, (problem) => problems.push(problem));
  return { tickets: await tracker.getJobs(filter), problems };
}

function endWith(problems: readonly TicketProblem[], terminal: Terminal): number {
  for (const problem of problems) tellProblem(problem, terminal);
  return problems.length > 0 ? exitCodes.failed : exitCodes.ok;
}

function columns(terminal: Terminal): Column<Ticket>[] {
  const now = Date.now();
  const changed = (ticket: Ticket) => ago(toIso(ticketTime(ticket.last_modified_date)), now);
  return [
    { title: 'TICKET', value: (ticket) => ticket.job_ticket_id },
    { title: 'JOB', value: (ticket) => printable(ticket.job_name), flexible: true },
    {
      title: 'STATUS',
      value: statusText,
      paint: (text, { job_management: { job_status: status } }) =>
        paint(terminal.stdout, statusStyle(jobStatusOfTicket[status]), text),
    },
    { title: 'STEP', value: (ticket) => printable(stepText(ticket)), flexible: true },
    { title: 'CHANGED', value: changed },
  ];
}
