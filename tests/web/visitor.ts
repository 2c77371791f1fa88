import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { Diary } from '../cli/diary.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A person with a browser of their own: what the pages complain of is kept. */
export class Visitor {
  readonly context: BrowserContext;
  readonly diary: Diary;
  /** Errors of the console, uncaught exceptions and violations of the content security policy, of all pages. */
  readonly complaints: string[] = [];

  private constructor(context: BrowserContext, diary: Diary) {
    this.context = context;
    this.diary = diary;
  }

  static async arrive(browser: Browser, diary: Diary, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({
      baseURL: diary.url,
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
      ...options,
    });
    context.setDefaultTimeout(30_000);
    const visitor = new Visitor(context, diary);
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        console.error(
          `CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`,
        );
      });
    });
    context.on('page', (page) => visitor.#listen(page));
    return visitor;
  }

  #listen(page: Page): void {
    page.on('pageerror', (error) => this.complaints.push(`exception: ${error.message}`));
    page.on('console', (message) => {
      // That an answer was 401 or 409 is told to the person; the browser tells the console, too.
      const expected = /status of (?:401|409) /.test(message.text());
      if (message.type() === 'error' && !expected) this.complaints.push(`${page.url()}: ${message.text()}`);
    });
  }

  /** A new tab at a path of the diary. */
  async open(path: string): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(`/diary${path}`);
    return page;
  }

  /** Signs in as the first admin, by a link of one use, and leaves the password for later. */
  async signIn(): Promise<void> {
    const page = await this.context.newPage();
    await page.goto(await signInLink(this.diary));
    await page.getByRole('button', { name: /Later|Später/ }).click();
    await page.getByRole('search').waitFor();
    await page.close();
  }

  /**
   * The accessibility faults of a page as it is now, one line each; of these rules alone where some are named (axe's
   * names).
   */
  async faults(page: Page, rules?: readonly string[]): Promise<string[]> {
    await page.evaluate(axeSource);
    const results = await page.evaluate(
      async (values) => {
        const { axe } = globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } };
        return await axe.run({
          resultTypes: ['violations'],
          ...(values && { runOnly: { type: 'rule', values } }),
        });
      },
      rules && [...rules],
    );
    return results.violations.flatMap((each) =>
      each.nodes.map((node) => `${each.id}: ${node.html.slice(0, 200)}`),
    );
  }

  /**
   * The faults of a page at these widths and in both themes, and where it is wider than the window. It is loaded once, and
   * of the second theme the contrast is looked at alone: nothing else changes with it.
   */
  async faultsAnywhere(page: Page, widths: readonly number[]): Promise<string[]> {
    const found: string[] = [];
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
        const faults = await this.faults(page, colorScheme === 'dark' ? ['color-contrast'] : undefined);
        found.push(...faults.map((fault) => `${colorScheme}, ${width} px: ${fault}`));
      }
      const { scrollWidth, clientWidth } = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return { scrollWidth, clientWidth };
      });
      if (scrollWidth > clientWidth) found.push(`${width} px: ${scrollWidth - clientWidth} px too wide`);
    }
    return found;
  }
}

/** A one-time sign-in link for the first admin. */
export async function signInLink(diary: Diary): Promise<string> {
  const { signInLink: link } = await post<{ signInLink: string }>(diary, '/users/1/sign-in-link', {});
  return link;
}

/** Writes through the API with the admin key. */
export async function post<T>(diary: Diary, path: string, body: unknown, method = 'POST'): Promise<T> {
  const response = await fetch(`${diary.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${diary.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
