import type { Finding } from '../source.ts';
import type { Listing, Unread } from './seen.ts';

/** The item of what cannot be read, and of which nobody knows what job it is about. */
export const RECORDS = 'records';
/** With it the next process knows that there is something to take back. */
const MARK = 'unread';
/** The latest of a file are kept, and the latest of all are told: a file of garbage is one problem. */
const KEPT = 100;
const TOLD = 10;

const nothing: Finding = { item: RECORDS, gone: true };

/**
 * Records that cannot be read, as one problem of the source. What a list says stands until the next list. Files are read
 * once: what was broken in them stands until they are read from their beginning again, because they were mended or
 * rotated. What an accounting answers for stretches of time stands until the next answer.
 */
export class UnreadRecords {
  #ofFiles: readonly Unread[] = [];
  #ofHistory: readonly Unread[] = [];
  #told: string | undefined;

  constructor(marks: ReadonlyMap<string, string>) {
    this.#told = marks.has(RECORDS) ? undefined : JSON.stringify(nothing);
  }

  files({ unread, anew = false }: Listing & { readonly anew?: boolean }): void {
    this.#ofFiles = [...(anew ? [] : this.#ofFiles), ...unread].slice(-KEPT);
  }

  history(unread: readonly Unread[]): void {
    this.#ofHistory = unread;
  }

  /** What is to be told now, together with what a list said; undefined if that was told last. */
  news(ofList: readonly Unread[]): Finding | undefined {
    const all = [...ofList, ...this.#ofHistory, ...this.#ofFiles];
    const last = all.at(-1);
    const details = all.slice(-TOLD).flatMap(({ problem }) => problem.detail ?? []);
    const finding: Finding =
      last === undefined
        ? nothing
        : {
            item: RECORDS,
            mark: MARK,
            problem: { ...last.problem, ...(details.length > 0 && { detail: details.join('\n') }) },
          };
    return JSON.stringify(finding) === this.#told ? undefined : finding;
  }

  /** It was taken. */
  told(finding: Finding): void {
    this.#told = JSON.stringify(finding);
  }
}
