import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Order, Report } from './application.ts';
import type { Site, Subject } from './subject.ts';

/** An application process as the measurement sees it. */
export class Member {
  readonly process: ChildProcess;
  readonly #subject: Subject;

  private constructor(subject: Subject, site: Site) {
    this.#subject = subject;
    this.process = fork(
      join(import.meta.dirname, 'application.ts'),
      [subject.name, JSON.stringify(site.address)],
      { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    );
  }

  /** Starts a process, and waits until it has joined. */
  static async join(subject: Subject, site: Site): Promise<Member> {
    const member = new Member(subject, site);
    await member.hear('joined');
    return member;
  }

  order(order: Order): void {
    this.process.send(order);
  }

  /** The next report of a kind. Rejects if the process ends before. */
  hear<K extends Report['kind']>(kind: K): Promise<Extract<Report, { kind: K }>> {
    return new Promise((resolve, reject) => {
      const onMessage = (report: Report) => {
        if (report.kind === kind) settle(() => resolve(report as Extract<Report, { kind: K }>));
      };
      const onExit = () => settle(() => reject(new Error(`${this.#subject.name}: its process ended`)));
      const settle = (how: () => void) => {
        this.process.off('message', onMessage).off('exit', onExit);
        how();
      };
      this.process.on('message', onMessage).on('exit', onExit);
    });
  }

  async leave(): Promise<void> {
    const gone = once(this.process, 'exit');
    this.order({ kind: 'leave' });
    await gone;
  }

  async kill(): Promise<void> {
    const gone = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await gone;
  }
}
