import { type CheckedMember, membersAfter, membersNamed } from '../archive/member-rows.ts';
import type { Store } from '../storage/index.ts';

/** Members that are read at once. */
const PAGE = 500;
/** How many members may be passed over for the next listed file: folders, `metadata.txt`, files that are not listed. */
const AHEAD = 16;

/**
 * Finds the members of listed files. Most lists are in the order of their tar, so that reading both side by side finds nearly
 * all of them; what is not found there is looked up by its name.
 */
export class ListedMembers {
  readonly #store: Store;
  readonly #bundleId: number;
  #page: CheckedMember[] = [];
  #at = 0;
  /** The position of the last member that was read. */
  #last = -1;
  #isRead = false;
  /** False once a whole batch was not in the order of the tar. */
  #ordered = true;

  constructor(store: Store, bundleId: number) {
    this.#store = store;
    this.#bundleId = bundleId;
  }

  /** The member of each of these files, which follow those of the call before; undefined for what is not in the tar. */
  async find(paths: readonly string[]): Promise<(CheckedMember | undefined)[]> {
    const found: (CheckedMember | undefined)[] = [];
    for (const path of paths) {
      if (this.#ordered && this.#page.length - this.#at < AHEAD) await this.#readOn();
      found.push(this.#ordered ? this.#ahead(path) : undefined);
    }
    const missed = paths.filter((_, i) => found[i] === undefined);
    if (missed.length === 0) return found;
    this.#ordered &&= missed.length < paths.length;
    const named = await this.#lookUp(missed);
    const all = found.map((member, i) => member ?? named.get(paths[i] as string));
    this.#goOnAfter(all.at(-1));
    return all;
  }

  /** The next member, or one soon after it, if it is this one. */
  #ahead(path: string): CheckedMember | undefined {
    const end = Math.min(this.#at + AHEAD, this.#page.length);
    for (let at = this.#at; at < end; at++) {
      const member = this.#page[at] as CheckedMember;
      if (member.path !== path && !formsOf(path).includes(member.path)) continue;
      this.#at = at + 1;
      return member;
    }
    return undefined;
  }

  async #readOn(): Promise<void> {
    if (this.#isRead) return;
    const more = await membersAfter(this.#store, this.#bundleId, this.#last, PAGE);
    this.#page = [...this.#page.slice(this.#at), ...more];
    this.#at = 0;
    this.#last = more.at(-1)?.position ?? this.#last;
    this.#isRead = more.length < PAGE;
  }

  /** A list that leaves something out, or goes back, probably goes on in order from there. */
  #goOnAfter(member: CheckedMember | undefined): void {
    if (member === undefined || !this.#ordered) return;
    this.#page = [];
    this.#at = 0;
    this.#last = member.position;
    this.#isRead = false;
  }

  async #lookUp(paths: readonly string[]): Promise<Map<string, CheckedMember>> {
    const rows = await this.#store.write((transaction) =>
      membersNamed(transaction, this.#bundleId, paths.flatMap(formsOf)),
    );
    const byName = new Map(rows.map((row) => [row.path, row]));
    const known = paths.map((path) => {
      const form = formsOf(path).find((each) => byName.has(each));
      return [path, byName.get(form ?? path)] as const;
    });
    return new Map(known.filter((entry): entry is [string, CheckedMember] => entry[1] !== undefined));
  }
}

/** A name that a Mac wrote is in another Unicode form than what lists it; no two names differ in that alone. */
function formsOf(path: string): string[] {
  return [path, ...['NFC', 'NFD'].map((form) => path.normalize(form)).filter((form) => form !== path)];
}
