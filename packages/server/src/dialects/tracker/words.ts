import type { StepStatus } from '@daybook/core';

/** The words of this surface, and what they are in Daybook (contracts/trackerapi.md). */

/** Where jobs come from that came in here: makes their `provider_job_id` unique per provider. */
export const SOURCE = 'tracker';

/** How the keys of facts begin that a new attempt took over from the one before: nobody sent them. */
export const CARRIED_OVER = 'carried over ';

/** Kinds of events, and what each means for its step. */
const meanings: Readonly<Record<string, StepStatus>> = {
  step: 'succeeded',
  pending: 'pending',
  'in progress': 'running',
  complete: 'succeeded',
  error: 'failed',
};

/** What a kind says of its step; undefined for one that is not known. Case, `_` and `-` make no difference. */
export function statusOfKind(kind: string): StepStatus | undefined {
  const plain = kind.trim().toLowerCase().replaceAll(/[_-]/g, ' ');
  return Object.hasOwn(meanings, plain) ? meanings[plain] : undefined;
}

/** The state of a step as newer clients say it. */
export function wordOfStatus(status: StepStatus): string {
  switch (status) {
    case 'pending':
      return 'Pending';
    case 'running':
      return 'In progress';
    case 'succeeded':
    case 'skipped':
      return 'Complete';
    case 'failed':
      return 'Error';
  }
}

/** Which of the two families of clients asks: what they call a job and its customer. */
export interface Vocabulary {
  readonly id: 'provider_job_id' | 'provider_study_id';
  readonly name: 'provider_job_name' | 'provider_study_name';
  readonly customer: 'customer_id' | 'hospital_id';
  /** What an event is called that says that a step is done. */
  readonly done: 'step' | 'Complete';
}

export const jobWords: Vocabulary = {
  id: 'provider_job_id',
  name: 'provider_job_name',
  customer: 'customer_id',
  done: 'step',
};
export const studyWords: Vocabulary = {
  id: 'provider_study_id',
  name: 'provider_study_name',
  customer: 'hospital_id',
  done: 'Complete',
};

/** A customer as it is sent: numbers are kept as text, and leave as the numbers that they were. */
export function wireCustomer(customer: string | null): string | number | null {
  return customer !== null && /^(0|[1-9]\d{0,14})$/.test(customer) ? Number(customer) : customer;
}
