import {
  type Digest,
  digestHtml,
  digestMarkdown,
  loadMessages,
  type Span,
  spanOfWeek,
  translator,
  weekOf,
} from '@daybook/core';
import type { Logger } from 'pino';
import { userActor } from '../access/identities.ts';
import type { Duty } from '../duties/duties.ts';
import type { Mailer } from '../notify/mailer.ts';
import { readDigest } from './digest.ts';
import { noteSent, type Subscription, type SubscriptionParts, waitingFor } from './subscriptions.ts';

const HOUR = 60 * 60_000;
/** On Monday at six people find it when they come; nothing of the week before is still on its way. */
const AFTER_MIDNIGHT = 6 * HOUR;

export interface DigestMailParts extends SubscriptionParts {
  readonly mailer: Mailer;
  /** Where people reach Daybook. */
  readonly address: string;
  readonly log: Logger;
}

/**
 * Sends the week before to everybody who asked for it, each with the jobs that they may see. What cannot be sent is tried
 * again with the next look. A process that dies between the sending and its note sends it twice: better than never.
 */
export function digestMail(parts: DigestMailParts): Duty {
  return {
    name: 'digest-mail',
    every: HOUR,
    async run(signal) {
      const span = weekBefore(parts);
      const refused: string[] = [];
      for (const subscription of await waitingFor(parts.store.read, span.until)) {
        if (signal.aborted) return;
        try {
          await sendTo(parts, subscription, span);
          await noteSent(parts, subscription.userId, span.until);
        } catch (error) {
          refused.push(subscription.email);
          parts.log.warn({ err: error, user: subscription.userId }, 'the digest could not be sent');
        }
      }
      if (refused.length > 0) throw new Error(`the digest could not be sent to ${refused.length} people`);
    },
  };
}

/** The last week that has been over for six hours. */
function weekBefore({ clock, timeZone }: DigestMailParts): Span {
  const { since } = spanOfWeek(weekOf(clock.now() - AFTER_MIDNIGHT, timeZone), timeZone);
  return spanOfWeek(weekOf(since - 1, timeZone), timeZone);
}

async function sendTo(
  parts: DigestMailParts,
  { userId, email, language }: Subscription,
  span: Span,
): Promise<void> {
  const { store, clock, timeZone, mailer, address } = parts;
  const actor = await userActor(store.read, userId);
  if (actor === undefined) return;
  const week = weekOf(span.since, timeZone);
  const digest = await readDigest(store.bulk, actor.scope, { week }, { now: clock.now(), timeZone });
  if (isEmpty(digest)) return;
  const t = translator(language, await loadMessages(language));
  const stop = `${address}/diary/digest`;
  await mailer.send({
    to: email,
    subject: t('digest.subject', { week }),
    html: digestHtml(digest, t, { address, stop }),
    text: digestMarkdown(digest, t, address),
    unsubscribe: stop,
  });
}

/** Nobody wants a mail every Monday that says only what it said the Monday before. */
function isEmpty({ projects }: Digest): boolean {
  return projects.every(({ jobs, concluded }) => jobs + concluded.count === 0);
}
