import type { SourceSentence } from '@daybook/core';

/**
 * What Grid Engine's scheduler says of jobs that wait, as one sentence each: `source.waiting.…` of the message catalogue.
 * Ordered by how much they explain: of many messages, the first kind that occurs is told.
 */
const sentences: readonly (readonly [RegExp, string])[] = [
  [/in error state/, 'errorState'],
  [/in hold state/, 'held'],
  [/job dependencies/, 'dependency'],
  [/execution time not reached/, 'beginTime'],
  [/has no permission|no access to/, 'noPermission'],
  [/correct project|excluded project|assigned project/, 'projectNotAllowed'],
  [/user limitations/, 'limitPerUser'],
  [/exceeds? limit|resource quota|invalid dynamical limit/, 'quota'],
  [/too many other jobs with the same/, 'priority'],
  [/only offers|not in range of job|combined under PE|resources requested are not available/, 'slots'],
  [/advance reservation/, 'reservation'],
  [/runtime of \d+ sec/, 'queueTime'],
  [/calendar/, 'calendar'],
  [/clean ?up/, 'cleaning'],
  [/ckpt|checkpointing/, 'checkpointing'],
  [/hard queue list|non requestable/, 'queueNotRequested'],
  [
    /not of type|interactive|parallel type|not a parallel queue|not in (?:PE|queue) list|not parallel/,
    'queueType',
  ],
  [/forced/, 'forcedResource'],
  [/offers only|resource requirements|no host can satisfy|no suitable/, 'resources'],
  [/"0" slots|has 0 slots/, 'queueClosed'],
  [/dropped because it is disabled/, 'queueClosed'],
  [/is suspended|suspend alarm/, 'queueClosed'],
  [/temporarily not available|not available/, 'queueUnavailable'],
  [/overloaded|alarm state/, 'overloaded'],
  [/full|overload/, 'full'],
];

/** The sentence for one message; `waiting.other` with its words if we have none. */
export function sgeMessage(message: string): SourceSentence {
  return { code: `source.waiting.${codeOf(message) ?? 'other'}`, detail: message.trim().slice(0, 1_000) };
}

/** The sentence that explains most; undefined without messages. */
export function sgeReason(messages: readonly string[]): SourceSentence | undefined {
  let best: { rank: number; message: string } | undefined;
  for (const message of messages) {
    const found = sentences.findIndex(([pattern]) => pattern.test(message));
    const rank = found < 0 ? sentences.length : found;
    if (best === undefined || rank < best.rank) best = { rank, message };
  }
  return best === undefined ? undefined : sgeMessage(best.message);
}

function codeOf(message: string): string | undefined {
  return sentences.find(([pattern]) => pattern.test(message))?.[1];
}
