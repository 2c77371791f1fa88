import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launchBrowser } from '../bed/browser.ts';
import { Diary } from '../cli/diary.ts';
import { Visitor } from './visitor.ts';

/** A diary, a browser, and the first admin in it; they are there once the tests run. */
export interface Visit {
  readonly diary: Diary;
  readonly browser: Browser;
  readonly visitor: Visitor;
}

/** Opens them for the tests of a file, and closes the pages after each test, which must have complained of nothing. */
export function visitDiary(fill: (diary: Diary) => Promise<void>): Visit {
  let open: Visit | undefined;
  beforeAll(async () => {
    const [diary, browser] = await Promise.all([Diary.open(), launchBrowser()]);
    open = { diary, browser, visitor: await Visitor.arrive(browser, diary) };
    await fill(diary);
    await open.visitor.signIn();
  });
  afterAll(async () => {
    await open?.browser.close();
    await open?.diary.close();
  });
  afterEach(async () => {
    const { visitor } = opened();
    for (const page of visitor.context.pages()) await page.close();
    expect(visitor.complaints.splice(0)).toEqual([]);
  });
  const opened = () => {
    if (open === undefined) throw new Error('the diary is not open yet');
    return open;
  };
  return {
    get diary() {
      return opened().diary;
    },
    get browser() {
      return opened().browser;
    },
    get visitor() {
      return opened().visitor;
    },
  };
}
