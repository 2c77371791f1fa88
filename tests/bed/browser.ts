import { type Browser, chromium } from 'playwright-core';
import { makeRunFolder, type RunFolder } from './run-folder.ts';
import { unpackChromium } from './unpack-chromium.ts';

export interface BrowserOptions {
  /** More Chromium flags. */
  readonly args?: readonly string[];
}

/** Set by the global setup of the house tests, so that their files share one unpacked Chromium (200 MB, 2 s). */
export const BROWSER_FOLDER_VARIABLE = 'DAYBOOK_TEST_BROWSER_FOLDER';

const quietFlags = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  // Whatever a page or the browser itself wants from outside: no name but the own machine's is ever found.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]',
];

/**
 * Starts the Chromium that npm installed, able to reach this machine alone. Close it with `browser.close()`.
 *
 * @example
 * const browser = await launchBrowser();
 * const page = await browser.newPage({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
 */
export async function launchBrowser(options: BrowserOptions = {}): Promise<Browser> {
  const shared = process.env[BROWSER_FOLDER_VARIABLE];
  const own = shared ? undefined : await makeRunFolder('browser');
  try {
    const browser = await launchFrom(shared ?? own?.path ?? '', options);
    return own ? removeOnClose(browser, own) : browser;
  } catch (error) {
    await own?.remove();
    throw error;
  }
}

async function launchFrom(folder: string, options: BrowserOptions): Promise<Browser> {
  const { executablePath, args, env } = await unpackChromium(folder);
  const { PATH, TZ } = process.env;
  return await withTemporaryFolder(folder, () =>
    chromium.launch({
      executablePath,
      args: [...args, ...quietFlags, ...(options.args ?? [])],
      env: { PATH, TZ, LANG: 'C.UTF-8', ...env },
    }),
  );
}

/** Playwright puts the profile below os.tmpdir(): in our folder it goes with us, even when we are killed. */
async function withTemporaryFolder<Result>(folder: string, action: () => Promise<Result>): Promise<Result> {
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    return await action();
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

function removeOnClose(browser: Browser, folder: RunFolder): Browser {
  const close = browser.close.bind(browser);
  browser.close = async (options) => {
    await close(options);
    await folder.remove();
  };
  return browser;
}
