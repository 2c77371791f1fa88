import { BROWSER_FOLDER_VARIABLE } from './browser.ts';
import { makeRunFolder, type RunFolder } from './run-folder.ts';

let folder: RunFolder | undefined;

/** Vitest global setup: one folder for this run's Chromium; the first test that launches a browser unpacks it there. */
export async function setup(): Promise<void> {
  folder = await makeRunFolder('browser');
  process.env[BROWSER_FOLDER_VARIABLE] = folder.path;
}

export async function teardown(): Promise<void> {
  delete process.env[BROWSER_FOLDER_VARIABLE];
  await folder?.remove();
}
