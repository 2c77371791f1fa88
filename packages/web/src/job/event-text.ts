import {
  formatBytes,
  isEnded,
  isMessageKey,
  type JobEvent,
  type JobStatus,
  type Step,
  type Translate,
} from '@daybook/core';

/** What happened, as a sentence of the timeline. */
export function eventText(
  event: JobEvent,
  t: Translate,
  steps: readonly Pick<Step, 'tag' | 'name'>[],
): string {
  const message = event.message ?? '';
  switch (event.kind) {
    case 'created':
      return t('job.timeline.created');
    case 'status':
      return withMessage(statusText(event, t), message);
    case 'error':
      return withMessage(t('job.timeline.error'), message);
    case 'step':
      return withMessage(stepText(event, t, steps), message);
    case 'progress':
      return withMessage(t('timeline.progress', { percent: Math.floor(event.percent ?? 0) }), message);
    case 'annotation':
      return annotationText(event, t);
    case 'learned':
      return t('timeline.learned', { fields: Object.keys(event.metadata ?? {}).join(', ') });
    case 'metadata':
      return t('timeline.metadata', { names: Object.keys(event.metadata ?? {}).join(', ') });
    case 'file':
      return t('timeline.file');
    case 'link':
      return t('timeline.link');
    case 'log':
      return message;
  }
}

export interface EventTarget {
  readonly name: string;
  /** The whole path of a file. */
  readonly title?: string;
  /** Only ever an address of the web: reporters write what they like, and a click must run none of it. */
  readonly href?: string;
  /** Its size, and what was said of it. */
  readonly note?: string;
}

/** What a `file` or `link` event is about. */
export function eventTarget(event: JobEvent, t: Translate): EventTarget | undefined {
  const message = event.message ?? '';
  if (event.kind === 'link') return { name: message, ...(isWebAddress(message) && { href: message }) };
  if (event.kind !== 'file') return undefined;
  const { path, bytes } = event.metadata ?? {};
  const size = typeof bytes === 'number' ? formatBytes(bytes, t) : '';
  if (typeof path !== 'string' || path === '') {
    return { name: message || Object.keys(event.metadata ?? {}).join(', '), note: size };
  }
  const name = path.split(/[/\\]/).findLast((part) => part !== '') ?? path;
  return { name, title: path, note: [size, message].filter(Boolean).join(' · ') };
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);
}

/** How an entry is coloured: the end by its outcome, an error as one, the rest not at all. */
export function eventTone(event: JobEvent): JobStatus | 'plain' {
  if (event.kind === 'error') return 'failed';
  if (event.kind === 'status' && event.status !== null && isEnded(event.status as JobStatus))
    return event.status as JobStatus;
  return 'plain';
}

function statusText(event: JobEvent, t: Translate): string {
  if (event.cause === 'retry') return t('timeline.retry', { attempt: event.attempt ?? 1 });
  const word = t(`status.${event.status as JobStatus}`);
  return event.cause === 'correction' ? t('timeline.correction', { status: word }) : word;
}

function stepText(event: JobEvent, t: Translate, steps: readonly Pick<Step, 'tag' | 'name'>[]): string {
  const step = steps.find((each) => each.tag === event.step)?.name ?? event.step ?? '';
  if (event.percent !== null && event.status !== 'succeeded') {
    return t('timeline.stepPercent', { step, percent: Math.floor(event.percent) });
  }
  const status = `stepStatus.${event.status ?? 'running'}`;
  return t('job.timeline.step', { step, status: isStepKey(status) ? t(status) : (event.status ?? '') });
}

function isStepKey(key: string): key is 'stepStatus.running' {
  return isMessageKey(key);
}

function annotationText(event: JobEvent, t: Translate): string {
  const fields = Object.keys(event.metadata ?? {})
    .map((field) => `field.${field}`)
    .filter(isFieldKey)
    .map((key) => t(key));
  return fields.length === 0
    ? t('timeline.annotation')
    : t('timeline.annotated', { fields: fields.join(', ') });
}

function isFieldKey(key: string): key is 'field.info' {
  return isMessageKey(key);
}

function withMessage(text: string, message: string): string {
  return message === '' ? text : `${text}: ${message}`;
}
