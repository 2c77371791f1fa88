import type { Configuration } from '@daybook/core';
import { ingestTasks, moveTasks, type Task } from './bundle-fault.ts';

/** How long each task usually is: receiving is most of it, hashing again what was not hashed as declared some. */
const tasks: Readonly<Record<Task, { readonly name: string; readonly points: number }>> = {
  UPLOADING: { name: 'Receive', points: 70 },
  'open tar': { name: 'Open the tar', points: 1 },
  'load metadata': { name: 'Load the metadata', points: 1 },
  'Policy Validation': { name: 'Ask the policy', points: 3 },
  'ingest files': { name: 'Check the files', points: 20 },
  'move files': { name: 'Move the files', points: 90 },
  'ingest metadata': { name: 'Keep the metadata', points: 5 },
};

const stepsOf = (names: readonly Task[]): Configuration['steps'] =>
  names.map((tag) => ({ tag, ...tasks[tag] }));

/** Takes in a bundle that is sent. Its steps are the tasks of contracts/pacifica.md. */
export const ingestRecipe: Configuration = {
  tag: 'ingest',
  name: 'Bundle ingest',
  version: '1.0.0',
  steps: stepsOf(ingestTasks),
};

/** Takes in files that are on the server already, by the metadata that names them. */
export const moveRecipe: Configuration = {
  tag: 'move',
  name: 'Move into the archive',
  version: '1.0.0',
  steps: stepsOf(moveTasks),
};
