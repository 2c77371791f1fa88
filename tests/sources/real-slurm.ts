import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { makeRunFolder, type RunFolder } from '../bed/run-folder.ts';

/** A Slurm of this test's own: one node, on loopback, without munge, of any user. */
export class RealSlurm {
  readonly #folder: RunFolder;
  readonly #daemons: ChildProcess[] = [];

  private constructor(folder: RunFolder) {
    this.#folder = folder;
  }

  /** Its slurm.conf. */
  get configuration(): string {
    return join(this.#folder.path, 'slurm.conf');
  }

  /** What `jobcomp/filetxt` writes. */
  get jobcomp(): string {
    return join(this.#folder.path, 'jobcomp.log');
  }

  static async start(): Promise<RealSlurm> {
    const slurm = new RealSlurm(await makeRunFolder('slurm'));
    const { path } = slurm.#folder;
    for (const name of ['state', 'spool', 'jobs']) mkdirSync(join(path, name));
    writeFileSync(slurm.configuration, configurationOf(path, await freePort(), await freePort()));
    slurm.#daemon('/usr/sbin/slurmctld', '-D', '-i');
    await slurm.#until(async () => (await slurm.run('scontrol', 'ping')).includes('UP'));
    slurm.#daemon('/usr/sbin/slurmd', '-D');
    await slurm.#until(async () => (await slurm.run('sinfo', '-h', '-o', '%T')).includes('idle'));
    return slurm;
  }

  async run(program: string, ...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(program, args, {
      cwd: join(this.#folder.path, 'jobs'),
      env: { PATH: process.env.PATH, SLURM_CONF: this.configuration },
    }).catch((error: Error & { stdout?: string }) => ({ stdout: `${error.stdout ?? ''}${error.message}` }));
    return stdout.trim();
  }

  /** Submits a job; answers its number. */
  async submit(name: string, script: string, ...args: string[]): Promise<string> {
    const answer = await this.run(
      'sbatch',
      '--parsable',
      '-o',
      '/dev/null',
      '-J',
      name,
      ...args,
      '--wrap',
      script,
    );
    if (!/^\d+$/.test(answer)) throw new Error(answer);
    return answer;
  }

  async stop(): Promise<void> {
    for (const daemon of this.#daemons.reverse()) {
      daemon.kill('SIGTERM');
      if (daemon.exitCode === null)
        await Promise.race([new Promise((resolve) => daemon.once('exit', resolve)), wait(5_000)]);
      daemon.kill('SIGKILL');
    }
    await this.#folder.remove();
  }

  #daemon(program: string, ...args: string[]): void {
    const env = { PATH: process.env.PATH, SLURM_CONF: this.configuration };
    this.#daemons.push(spawn(program, args, { env, stdio: 'ignore' }));
  }

  async #until(condition: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 60_000;
    while (!(await condition())) {
      if (Date.now() > end) throw new Error(`Slurm did not start: ${await this.run('scontrol', 'ping')}`);
      await wait(100);
    }
  }
}

function configurationOf(path: string, port: number, nodePort: number): string {
  const user = process.getuid?.() === 0 ? 'root' : (process.env.USER ?? 'root');
  return `ClusterName=test
SlurmctldHost=localhost(127.0.0.1)
SlurmUser=${user}
SlurmdUser=${user}
SlurmctldPort=${port}
SlurmdPort=${nodePort}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/none
CredType=cred/none
StateSaveLocation=${path}/state
SlurmdSpoolDir=${path}/spool
SlurmctldPidFile=${path}/slurmctld.pid
SlurmdPidFile=${path}/slurmd.pid
SlurmctldLogFile=${path}/slurmctld.log
SlurmdLogFile=${path}/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
ReturnToService=2
MinJobAge=2
KillWait=1
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=${path}/jobcomp.log
NodeName=localhost NodeAddr=127.0.0.1 CPUs=16 State=UNKNOWN
PartitionName=dyn Nodes=localhost Default=YES MaxTime=INFINITE State=UP
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
