import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type JobStatus, limits, type SourceCheck, type SourceSentence } from '@daybook/core';
import type { Clock } from '../../clock.ts';
import { type Content, contentOf, cut, defined, hashOf } from '../scheduler/seen.ts';
import { type Finding, type Look, type Source, SourceError } from '../source.ts';
import { each, pieces } from './at-once.ts';
import { type LogFacts, parseLogFile, personOf } from './log-file.ts';
import { parseReadme, type ReadmeFacts } from './readme-file.ts';
import { below, readSmallFile, shown } from './small-file.ts';
import {
  type DirectoryStatus,
  type Entries,
  entriesOf,
  findReadme,
  statusInDirectory,
} from './submit-directory.ts';

export interface SgeLogsParts {
  readonly clock: Clock;
  readonly directory: string;
  readonly timeZone: string;
  readonly logPattern: RegExp;
  readonly scriptPattern: RegExp;
  readonly projectOf: (directory: string) => string | undefined;
  /** Between two tries at a young job, milliseconds. */
  readonly betweenTries: number;
}

const DAY = 24 * 60 * 60_000;
/** A job that is younger than this is asked up to three times within a look, milliseconds. */
const YOUNG = DAY;
const TRIES = 3;
/** A README may come after its job has ended; for so long it is looked for, milliseconds after the submission. */
const README_PATIENCE = 30 * DAY;

/** A job that may change yet. */
interface Watched {
  readonly file: string;
  readonly facts: LogFacts;
  status: JobStatus;
  jobDirectory: Buffer | undefined;
  readmeFile: string | undefined;
  readme: ReadmeFacts | undefined;
  hash: string | undefined;
  problem: SourceSentence | undefined;
}

/**
 * A directory of scheduler logs, one per submitted job, and the directories that the jobs were submitted from
 * (contracts/caejobdiary.md). A log is read once; where its job stands is asked on every look until it has ended and its
 * README was read. Each directory is read once per look, however many jobs it holds.
 */
export class SgeLogs implements Source {
  readonly #parts: SgeLogsParts;
  /** Files that need no second look. */
  readonly #done = new Set<string>();
  readonly #watched = new Map<string, Watched>();
  #marks: ReadonlyMap<string, string> | undefined;

  constructor(parts: SgeLogsParts) {
    this.#parts = parts;
  }

  async test(): Promise<SourceCheck[]> {
    const { directory } = this.#parts;
    const checks: SourceCheck[] = [];
    const files = await this.#list().catch((error: SourceError) => error);
    if (files instanceof SourceError)
      return [{ ok: false, code: 'source.check.logs', ...detailOf(files.sentence.detail) }];
    checks.push({ ok: true, code: 'source.check.logs', count: files.length });
    const latest = files.toSorted().slice(-20);
    const readable = await each(latest, (file) => canRead(join(directory, file)));
    const unreadable = latest.filter((_, i) => readable[i] !== true);
    checks.push({ ok: unreadable.length === 0, code: 'source.check.logFiles', ...detailOf(unreadable[0]) });
    const places = new Map<string, Buffer>();
    for (const file of latest) {
      const facts = await this.#readLog(file, this.#parts.clock.now()).catch(() => undefined);
      if (facts?.directory !== undefined) places.set(shown(facts.directory), facts.directory);
    }
    for (const [place, path] of places) {
      const error = await entriesOf(path).then(
        () => undefined,
        (failure: Error) => failure.message,
      );
      checks.push({ ok: error === undefined, code: 'source.check.submitDirectory', detail: error ?? place });
    }
    return checks;
  }

  async *discover(look: Look): AsyncIterable<readonly Finding[]> {
    this.#marks ??= await look.marks();
    const files = await this.#list();
    look.saw(files.length);
    this.#forget(new Set(files));
    const fresh: Watched[] = [];
    for (const piece of pieces(files.filter((file) => !this.#isKnown(file)))) {
      look.signal.throwIfAborted();
      const findings: Finding[] = [];
      const news: Watched[] = [];
      for (const found of await each(piece, (file) => this.#open(file, look.now)))
        if ('facts' in found) news.push(found);
        else findings.push(found);
      findings.push(...(await this.#ask(news, look)));
      if (findings.length > 0) yield findings;
      fresh.push(...news);
    }
    yield* this.#askAgain(fresh, look);
  }

  async *refresh(_active: unknown, look: Look): AsyncIterable<readonly Finding[]> {
    for (const piece of pieces([...this.#watched.values()])) {
      look.signal.throwIfAborted();
      const findings = await this.#ask(piece, look);
      if (findings.length > 0) yield findings;
    }
  }

  explain(): undefined {
    return undefined;
  }

  async #list(): Promise<string[]> {
    const { directory, logPattern } = this.#parts;
    try {
      return (await readdir(directory)).filter((name) => logPattern.test(name));
    } catch (error) {
      throw new SourceError(
        { code: 'source.error.directory', detail: (error as Error).message },
        { cause: error },
      );
    }
  }

  #isKnown(file: string): boolean {
    if (this.#done.has(file) || this.#watched.has(file)) return true;
    if (!this.#marks?.get(file)?.startsWith('done:')) return false;
    this.#done.add(file);
    return true;
  }

  /** Logs are tidied away, and then nobody asks for their jobs any more. */
  #forget(files: ReadonlySet<string>): void {
    for (const file of this.#done) if (!files.has(file)) this.#done.delete(file);
    for (const file of this.#watched.keys()) if (!files.has(file)) this.#watched.delete(file);
  }

  async #open(file: string, now: number): Promise<Watched | Finding> {
    const place = join(this.#parts.directory, file);
    try {
      const facts = await this.#readLog(file, now);
      if (facts === undefined)
        return { item: file, mark: '', place, problem: { code: 'source.problem.noJobNumber' } };
      const watched: Watched = {
        file,
        facts,
        status: 'unknown',
        jobDirectory: undefined,
        readmeFile: undefined,
        readme: undefined,
        hash: undefined,
        problem: undefined,
      };
      this.#watched.set(file, watched);
      return watched;
    } catch (error) {
      // It is tried again with every look.
      return {
        item: file,
        mark: '',
        place,
        problem: { code: 'source.problem.unreadable', detail: (error as Error).message },
      };
    }
  }

  async #readLog(file: string, now: number): Promise<LogFacts | undefined> {
    const bytes = await readSmallFile(join(this.#parts.directory, file));
    return parseLogFile(bytes, file, { timeZone: this.#parts.timeZone, now });
  }

  /** Young jobs of which nothing is to be seen yet: their directory may just be coming into being. */
  async *#askAgain(fresh: readonly Watched[], look: Look): AsyncIterable<readonly Finding[]> {
    for (let tries = 2; tries <= TRIES; tries += 1) {
      const open = fresh.filter(
        ({ status, facts }) => status === 'unknown' && look.now - (facts.submittedAt ?? 0) < YOUNG,
      );
      if (open.length === 0) return;
      await pause(this.#parts.betweenTries, undefined, { signal: look.signal });
      for (const piece of pieces(open)) {
        const findings = await this.#ask(piece, look);
        if (findings.length > 0) yield findings;
      }
    }
  }

  /** Where jobs stand now; what has changed is told. */
  async #ask(jobs: readonly Watched[], look: Look): Promise<Finding[]> {
    const directories = new Map<string, Promise<Entries>>();
    const read = (path: Buffer) => {
      const name = path.toString('latin1');
      const known = directories.get(name);
      if (known !== undefined) return known;
      const entries = entriesOf(path);
      directories.set(name, entries);
      return entries;
    };
    const found = await each(jobs, (job) => this.#askOne(job, read, look));
    return found.flatMap((finding) => finding ?? []);
  }

  async #askOne(
    job: Watched,
    read: (path: Buffer) => Promise<Entries>,
    look: Look,
  ): Promise<Finding | undefined> {
    const { directory } = job.facts;
    job.problem = undefined;
    if (directory !== undefined) {
      // What moves away between two reads is looked for again from the beginning.
      for (let tries = 1; ; tries += 1) {
        try {
          const entries = await (tries === 1 ? read(directory) : entriesOf(directory));
          await this.#note(job, directory, entries, look.now);
          break;
        } catch (error) {
          const { code, message } = error as NodeJS.ErrnoException;
          if (code === 'ENOENT' && tries < TRIES && (await exists(directory))) continue;
          job.problem = { code: 'source.problem.submitDirectory', detail: message };
          break;
        }
      }
    }
    return this.#tell(job, look.now);
  }

  async #note(job: Watched, directory: Buffer, entries: Entries, now: number): Promise<void> {
    const { id, name } = job.facts;
    const found: DirectoryStatus | undefined = await statusInDirectory(
      directory,
      entries,
      id,
      this.#parts.scriptPattern,
    );
    // A directory that says nothing yet, or nothing any more, takes nothing back.
    if (found === undefined) return;
    job.status = found.status;
    job.jobDirectory = found.jobDirectory ?? job.jobDirectory;
    if (found.jobDirectory === undefined || job.readme?.missing.length === 0) return;
    const isOwn = found.status === 'finished';
    try {
      const readmeFile = await findReadme(found.jobDirectory, name);
      if (readmeFile === undefined) return;
      const bytes = await readSmallFile(below(found.jobDirectory, readmeFile));
      job.readme = parseReadme(bytes, { timeZone: this.#parts.timeZone, now });
      job.readmeFile = readmeFile;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // A scratch directory is on another machine; one that was just listed has moved away.
      if (code === 'ENOENT' && isOwn) throw error;
      if (isOwn) job.problem = { code: 'source.problem.readme', detail: message };
    }
  }

  #tell(job: Watched, now: number): Finding | undefined {
    const content = this.#contentOf(job, now);
    const hash = hashOf(content);
    const age = now - (job.facts.submittedAt ?? now);
    const settled = job.status === 'finished' && (job.readme?.missing.length === 0 || age > README_PATIENCE);
    if (settled) {
      this.#done.add(job.file);
      this.#watched.delete(job.file);
    }
    if (hash === job.hash && !settled) return undefined;
    job.hash = hash;
    const mark = `${settled ? 'done' : 'open'}:${hash}`;
    if (this.#marks?.get(job.file) === mark) return undefined;
    return { item: job.file, mark, hash, content, place: join(this.#parts.directory, job.file) };
  }

  #contentOf({ facts, status, jobDirectory, readmeFile, readme, problem }: Watched, now: number): string {
    const directory = facts.directory === undefined ? undefined : shown(facts.directory);
    const mail = readme?.mail ?? facts.mail;
    const waitsForReadme = status === 'finished' && readme === undefined;
    const notice: SourceSentence | undefined =
      problem ??
      (readme !== undefined && readme.missing.length > 0
        ? { code: 'source.problem.readmeLacks', detail: readme.missing.join(', ') }
        : waitsForReadme && now - (facts.submittedAt ?? now) > DAY
          ? { code: 'source.problem.noReadme' }
          : undefined);
    const content = JSON.parse(
      contentOf({
        id: facts.id,
        status,
        word: status,
        submittedAt: facts.submittedAt ?? readme?.submittedAt,
        name: readme?.name ?? facts.name,
        user: readme?.user ?? facts.owner,
        project: directory === undefined ? undefined : this.#parts.projectOf(directory),
        submitDirectory: directory,
        more: defined({
          solver: cut(readme?.solver, limits.shortText),
          jobDirectory: cut(jobDirectory === undefined ? undefined : shown(jobDirectory), limits.path),
          readmeFile: cut(readmeFile, limits.path),
          info: readme?.info === '' ? undefined : readme?.info,
          baseRuns: readme?.baseRuns,
        }),
        metadata: defined({ person: cut(personOf(mail), limits.name), mail: cut(mail, limits.name) }),
      }),
    ) as Content;
    return JSON.stringify(notice === undefined ? content : { ...content, notice });
  }
}

async function canRead(path: string): Promise<boolean> {
  return await access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

async function exists(path: Buffer): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

function detailOf(detail: string | undefined): { detail?: string } {
  return detail === undefined ? {} : { detail };
}
