import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  parseTicket,
  type SourceCheck,
  type SourceSentence,
  type TrackerFilesSettings,
  ticketSighting,
  trackerFilesSettings,
} from '@daybook/core';
import {
  compareAndReplace,
  JobTracker,
  scanTickets,
  TicketBrokenError,
  TicketMissingError,
  type TicketProblem,
  type TicketSighting,
} from '@daybook/sdk/tickets';
import {
  type Finding,
  type KnownJob,
  type Look,
  PIECE,
  type Replaced,
  type Sight,
  type Source,
  SourceError,
  type SourceKind,
} from '../source.ts';
import { careForTickets } from './ticket-care.ts';
import { noteSaid } from './ticket-said.ts';

/** A directory of job tracker files (contracts/tracker-files.md): the only place where the server opens tickets. */
class TicketSource implements Source {
  readonly #directory: string;
  /** Stamps of the files as they were read last; none before the first look. */
  #known: Map<string, string> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async test(signal: AbortSignal): Promise<SourceCheck[]> {
    const directory = this.#directory;
    const found = await stat(directory).catch((error: NodeJS.ErrnoException) => error);
    if (found instanceof Error)
      return [{ ok: false, code: 'source.check.directory', detail: `${directory}: ${why(found)}` }];
    if (!found.isDirectory()) return [{ ok: false, code: 'source.check.noDirectory', detail: directory }];
    const checks: SourceCheck[] = [{ ok: true, code: 'source.check.directory', detail: directory }];
    const counts = { tickets: 0, problems: [] as TicketProblem[] };
    try {
      for await (const sightings of scanTickets(directory, new Map(), { signal })) {
        for (const sighting of sightings) {
          if (sighting.kind === 'ticket') counts.tickets += 1;
          if (sighting.kind === 'problem' || sighting.kind === 'unsettled')
            counts.problems.push(sighting.problem);
        }
      }
      checks.push({ ok: true, code: 'source.check.tickets', count: counts.tickets });
    } catch (error) {
      checks.push({ ok: false, code: 'source.check.list', detail: why(error) });
    }
    if (counts.problems.length > 0)
      checks.push({
        ok: false,
        code: 'source.check.problems',
        count: counts.problems.length,
        detail: counts.problems
          .slice(0, 10)
          .map(({ file, message }) => `${file} ${message}`)
          .join('\n'),
      });
    checks.push(await checkWriting(directory));
    return checks;
  }

  async *discover(look: Look): AsyncIterable<readonly Finding[]> {
    this.#known ??= new Map(await look.marks());
    const known = this.#known;
    let piece: Finding[] = [];
    // What a piece says is remembered when it was taken: until then it is not known.
    const taken = () => {
      for (const finding of piece) {
        if ('gone' in finding || finding.mark === '') known.delete(finding.item);
        else known.set(finding.item, finding.mark);
      }
      piece = [];
    };
    try {
      for await (const sightings of scanTickets(this.#directory, new Map(known), { signal: look.signal })) {
        // What is broken and young is read again by the next look: then it is whole, or a problem.
        for (const sighting of sightings)
          if (sighting.kind !== 'unsettled') piece.push(this.#finding(sighting));
        if (piece.length < PIECE) continue;
        yield piece;
        taken();
      }
    } catch (error) {
      if (!(error instanceof TicketMissingError)) throw error;
      throw new SourceError({ code: 'source.error.directory', detail: error.message }, { cause: error });
    }
    if (piece.length > 0) yield piece;
    taken();
    look.saw(known.size);
  }

  /** Every change of a ticket is seen: there is nothing to ask again for. */
  async *refresh(): AsyncIterable<readonly Finding[]> {}

  explain({ status, content }: KnownJob): SourceSentence | undefined {
    const { ticket } = parseTicket(content);
    if (status !== 'queued' || ticket === undefined) return undefined;
    const { current_step: current, steps } = ticket.job_management;
    const step = steps[String(current)];
    return { code: 'source.waiting.ticket', ...(step !== undefined && { detail: step }) };
  }

  async replace(item: string, hash: string, content: string): Promise<Replaced> {
    const { ticket } = parseTicket(content, 'exact');
    if (ticket === undefined) return { kind: 'failed', problem: { code: 'source.problem.content' } };
    try {
      const { replaced, hash: now } = await compareAndReplace(join(this.#directory, item), hash, ticket);
      if (!replaced) return { kind: 'changed' };
      await this.#touchParent(ticket.parent_job_ticket_id);
      return { kind: 'replaced', hash: now };
    } catch (error) {
      if (error instanceof TicketMissingError || error instanceof TicketBrokenError)
        return { kind: 'changed' };
      return { kind: 'failed', problem: { code: 'source.problem.not_written', detail: why(error) } };
    }
  }

  /** A change to a child touches its parents; one that is gone or broken must not make the change look failed. */
  async #touchParent(parent: string | null | undefined): Promise<void> {
    if (parent == null) return;
    const tracker = new JobTracker(this.#directory, { onProblem: () => undefined });
    await tracker.updateTimestamp(parent).catch(() => undefined);
  }

  #finding(sighting: Exclude<TicketSighting, { kind: 'unsettled' }>): Finding {
    const { file } = sighting;
    const place = join(this.#directory, file);
    switch (sighting.kind) {
      case 'gone':
        return { item: file, gone: true };
      case 'problem':
        return { item: file, mark: sighting.stamp ?? '', problem: problemSentence(sighting.problem), place };
      case 'ticket':
        return { item: file, mark: sighting.stamp, hash: sighting.hash, content: sighting.text, place };
    }
  }
}

function problemSentence({ reason, message }: TicketProblem): SourceSentence {
  return { code: `source.problem.${reason}`, detail: message };
}

async function checkWriting(directory: string): Promise<SourceCheck> {
  try {
    await access(directory, constants.W_OK);
    return { ok: true, code: 'source.check.write' };
  } catch (error) {
    return { ok: false, code: 'source.check.write', detail: why(error) };
  }
}

function why(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}

/** What the text of a ticket means. */
export function sightTicket(content: string): Sight {
  const { ticket, faults } = parseTicket(content);
  if (ticket === undefined) {
    const detail = faults
      .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
      .join('; ');
    return { problem: { code: 'source.problem.content', detail } };
  }
  const { sighting, contextFault } = ticketSighting(ticket);
  if (contextFault === undefined) return { sighting };
  return { sighting, notice: { code: 'source.problem.context', detail: contextFault } };
}

export const trackerFiles: SourceKind<TrackerFilesSettings> = {
  kind: 'tracker-files',
  settings: trackerFilesSettings,
  execution: 'reported',
  polls: ({ directory }) => directory !== undefined,
  open: ({ directory }) => {
    if (directory === undefined) throw new SourceError({ code: 'source.error.noDirectory' });
    return new TicketSource(directory);
  },
  sight: sightTicket,
  prepare: noteSaid,
  care: careForTickets,
};
