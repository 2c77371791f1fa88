import { visibleName } from '@daybook/core';

/** What is done with a bundle, in order; the steps of the built-in configurations `ingest` and `move` (contracts/pacifica.md). */
export const ingestTasks = [
  'UPLOADING',
  'open tar',
  'load metadata',
  'Policy Validation',
  'ingest files',
  'ingest metadata',
] as const;
export const moveTasks = [
  'UPLOADING',
  'load metadata',
  'Policy Validation',
  'move files',
  'ingest metadata',
] as const;
export type Task = (typeof ingestTasks)[number] | (typeof moveTasks)[number];

/**
 * Why a bundle is not taken in: the task that it fails in, the rule that it breaks (a short stable word for tests and the
 * manual, such as `hash-differs`), and a sentence for people that says what failed and where; names of files in it are shown as
 * they may be.
 */
export class BundleFault extends Error {
  override readonly name = 'BundleFault';
  readonly task: Task;
  readonly rule: string;

  constructor(task: Task, rule: string, message: string, options?: ErrorOptions) {
    super(visibleName(message), options);
    this.task = task;
    this.rule = rule;
  }
}
