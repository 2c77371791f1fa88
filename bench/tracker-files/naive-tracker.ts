import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  builtInTicketTemplates,
  newTicket,
  type Ticket,
  type TicketTemplate,
  ticketDate,
} from '@daybook/core';

/** Tickets as they are written without a thought for others or for power loss: no lock, no fsync, no check, in place. */
export class NaiveTracker {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async initTrackerFile(_jobName: 'create_asset'): Promise<Ticket> {
    const id = `${randomUUID()}-${hostname()}`;
    const ticket = newTicket(id, builtInTicketTemplates[0] as TicketTemplate, {}, Date.now());
    await this.#write(ticket);
    return ticket;
  }

  async getTrackerFile(id: string): Promise<Ticket> {
    return JSON.parse(await readFile(join(this.#directory, `${id}.json`), 'utf8')) as Ticket;
  }

  async updateContextData(id: string, property: string, value: unknown): Promise<Ticket> {
    const ticket = await this.getTrackerFile(id);
    const context = { ...ticket.context, [property]: value };
    const next = { ...ticket, context, last_modified_date: ticketDate(Date.now()) };
    await this.#write(next);
    return next;
  }

  async #write(ticket: Ticket): Promise<void> {
    await writeFile(join(this.#directory, `${ticket.job_ticket_id}.json`), JSON.stringify(ticket, null, 2));
  }
}
