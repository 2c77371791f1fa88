import { type EventInput, eventFault, eventStatuses, logStreams, reportKinds } from './event.ts';
import { limits } from './limits.ts';
import { isLabel, isPrinted } from './text.ts';
import { parseInstant } from './time.ts';

/*
 * The events that nearly all reporters send, read without their schema: that one makes several objects for each field and
 * check, and lines come by the hundred thousand. What is read here is what the schema would have made of it; of whatever
 * is not quite so the schema says what is wrong.
 */

const kinds: ReadonlySet<unknown> = new Set(reportKinds);
const statuses: ReadonlySet<unknown> = new Set(eventStatuses);
const streams: ReadonlySet<unknown> = new Set(logStreams);

/** The event that a JSON value is, itself; undefined: ask {@link eventInputSchema}. */
export function eventAtSight(value: unknown): EventInput | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const event = value as Record<string, unknown>;
  for (const field in event) if (!isFit(field, event[field])) return undefined;
  if (!kinds.has(event['kind']) || eventFault(event as EventInput) !== undefined) return undefined;
  return event['at'] === undefined ? (event as EventInput) : withInstant(event);
}

/** The JSON body `{events}` that a value is; undefined: ask the schema. */
export function eventsAtSight(value: unknown): { events: EventInput[] } | undefined {
  const given = (value as { events?: unknown } | null)?.events;
  if (!Array.isArray(given) || Object.keys(value as object).length !== 1) return undefined;
  if (given.length === 0 || given.length > limits.eventsPerRequest) return undefined;
  const events: EventInput[] = [];
  for (const each of given) {
    const event = eventAtSight(each);
    if (event === undefined) return undefined;
    events.push(event);
  }
  return { events };
}

/** Metadata are the schema's: they need a look at everything in them. */
function isFit(field: string, value: unknown): boolean {
  switch (field) {
    case 'kind':
      return true;
    case 'message':
      return isPrinted(value, limits.message);
    case 'stream':
      return streams.has(value);
    case 'step':
      return isLabel(value, limits.tag);
    case 'status':
      return statuses.has(value);
    case 'percent':
      return typeof value === 'number' && value >= 0 && value <= 100;
    case 'at':
      return typeof value === 'string';
    case 'key':
      return isLabel(value, limits.idempotencyKey);
    case 'leaseToken':
      return typeof value === 'string' && value !== '' && value.length <= limits.leaseToken;
    default:
      return false;
  }
}

function withInstant(event: Record<string, unknown>): EventInput | undefined {
  try {
    return { ...event, at: parseInstant(event['at'] as string) } as EventInput;
  } catch {
    return undefined;
  }
}
