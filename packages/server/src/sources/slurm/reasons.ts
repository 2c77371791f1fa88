import type { SourceSentence } from '@daybook/core';

/**
 * Why a job of Slurm waits, as one sentence: `source.waiting.…` of the message catalogue. The reasons are those of
 * "Job Reason Codes" in Slurm's documentation; limits, of which there are two hundred, by how their names are made.
 */
const sentences: Readonly<Record<string, string>> = {
  Resources: 'resources',
  Priority: 'priority',
  Dependency: 'dependency',
  DependencyNeverSatisfied: 'dependencyNever',
  BeginTime: 'beginTime',
  JobHeldUser: 'heldByUser',
  JobHeldAdmin: 'heldByAdmin',
  Held: 'heldByUser',
  JobHoldMaxRequeue: 'heldAfterRequeues',
  Licenses: 'licenses',
  Reservation: 'reservation',
  ReservationDeleted: 'reservationGone',
  ReservationInvalid: 'reservationGone',
  ReqNodeNotAvail: 'nodesUnavailable',
  NodeDown: 'nodesUnavailable',
  FrontEndDown: 'nodesUnavailable',
  PowerNotAvail: 'power',
  PowerReserved: 'power',
  PartitionDown: 'queueDown',
  PartitionInactive: 'queueDown',
  PartitionNodeLimit: 'queueNodes',
  PartitionTimeLimit: 'queueTime',
  PartitionConfig: 'queueRules',
  MaxMemPerLimit: 'memoryPerNode',
  BadConstraints: 'impossible',
  Constraints: 'impossible',
  InvalidAccount: 'accountInvalid',
  AccountNotAllowed: 'accountNotAllowed',
  InvalidQOS: 'qosInvalid',
  QOSNotAllowed: 'qosNotAllowed',
  QOSUsageThreshold: 'qosUsage',
  AccountingPolicy: 'limitTotal',
  JobArrayTaskLimit: 'arrayLimit',
  Prolog: 'prolog',
  Cleaning: 'cleaning',
  SchedDefer: 'deferred',
  BurstBufferResources: 'burstBuffer',
  BurstBufferStageIn: 'stageIn',
  BurstBufferOperation: 'burstBufferFailed',
  FedJobLock: 'federation',
  SystemFailure: 'systemFailure',
  JobLaunchFailure: 'launchFailure',
  DeadLine: 'deadline',
  InactiveLimit: 'inactive',
};

/** Limits of an account (association) or a quality of service, from the most special form to the most general. */
const limits: readonly (readonly [RegExp, string])[] = [
  [/Max(?:Submit)?Jobs?(?:PerUser|PerAccount)?(?:Limit)?$/, 'limitJobs'],
  [/GrpSubmit|GrpJobs|SubmitJob|JobLimit|JobsPer|JobsLimit/, 'limitJobs'],
  [/^(?:QOS|Assoc)?Min/, 'limitLeast'],
  [/Wall|TimeLimit/, 'limitTime'],
  [/Max\w*(?:Minutes|Mins)PerJob/, 'limitMinutesPerJob'],
  [/Minutes|Mins/, 'limitMinutes'],
  [/PerJob|PerNode/, 'limitPerJob'],
  [/PerUser/, 'limitPerUser'],
  [/PerAccount/, 'limitPerAccount'],
  [/Grp|Limit$/, 'limitTotal'],
];

/** @param reason as `squeue` prints `%r`; undefined for those that say nothing */
export function slurmReason(reason: string): SourceSentence | undefined {
  const text = reason.trim();
  const [word = ''] = /^\w+/.exec(text) ?? [];
  if (word === '' || word === 'None' || word === 'N') return undefined;
  if (Object.hasOwn(sentences, word)) return { code: `source.waiting.${sentences[word]}`, detail: text };
  const isLimit = /^(?:Assoc|QOS|Max)/.test(word);
  const code = isLimit ? limits.find(([pattern]) => pattern.test(word))?.[1] : undefined;
  return { code: `source.waiting.${code ?? 'other'}`, detail: text };
}
