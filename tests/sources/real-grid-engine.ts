import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { makeRunFolder, type RunFolder } from '../bed/run-folder.ts';

const port = 16_444;

/**
 * A Grid Engine of this test's own, as root: it listens on every address, so it has a network of its own, in which there is
 * nothing but loopback.
 */
export class RealGridEngine {
  readonly #folder: RunFolder;
  #daemons: ChildProcess | undefined;

  private constructor(folder: RunFolder) {
    this.#folder = folder;
  }

  get root(): string {
    return join(this.#folder.path, 'root');
  }

  get reporting(): string {
    return join(this.root, 'default/common/reporting');
  }

  /** What has to stand before a command that speaks to it. */
  get inside(): string[] {
    return ['nsenter', `--net=/proc/${this.#daemons?.pid}/ns/net`];
  }

  get #environment(): NodeJS.ProcessEnv {
    const { PATH } = process.env;
    return {
      PATH,
      SGE_ROOT: this.root,
      SGE_CELL: 'default',
      SGE_QMASTER_PORT: `${port}`,
      SGE_EXECD_PORT: `${port + 1}`,
    };
  }

  static async start(): Promise<RealGridEngine> {
    const engine = new RealGridEngine(await makeRunFolder('sge'));
    const { path } = engine.#folder;
    writeFileSync(join(path, 'start.sh'), startScript);
    writeFileSync(join(path, 'queue'), queueOf);
    mkdirSync(join(path, 'jobs'));
    engine.#daemons = spawn('unshare', ['-n', '/bin/bash', join(path, 'start.sh'), path], {
      env: engine.#environment,
      stdio: 'ignore',
      detached: true,
    });
    const end = Date.now() + 120_000;
    while (!(await engine.run('qstat', '-f')).includes('dyn@')) {
      if (Date.now() > end || engine.#daemons.exitCode !== null)
        throw new Error(
          `Grid Engine did not start: ${readFileSync(join(path, 'start.log'), { encoding: 'utf8', flag: 'a+' })}`,
        );
      await wait(300);
    }
    return engine;
  }

  async run(program: string, ...args: string[]): Promise<string> {
    const [enter = '', ...words] = this.inside;
    const options = { cwd: join(this.#folder.path, 'jobs'), env: this.#environment };
    return await promisify(execFile)(enter, [...words, program, ...args], options).then(
      ({ stdout }) => stdout.trim(),
      (error: Error & { stdout?: string }) => `${error.stdout ?? ''}${error.message}`,
    );
  }

  /** Submits a job; answers its number. */
  async submit(name: string, script: string, ...args: string[]): Promise<string> {
    const words = [
      '-terse',
      '-cwd',
      '-S',
      '/bin/bash',
      '-o',
      '/dev/null',
      '-e',
      '/dev/null',
      '-N',
      name,
      ...args,
    ];
    const answer = await this.run('qsub', ...words, '-b', 'y', '-shell', 'n', '/bin/bash', '-c', script);
    const id = /^(\d+)/.exec(answer)?.[1];
    if (id === undefined) throw new Error(answer);
    return id;
  }

  async stop(): Promise<void> {
    const daemons = this.#daemons;
    if (daemons?.pid !== undefined && daemons.exitCode === null) {
      const gone = new Promise((resolve) => daemons.once('exit', resolve));
      // Its group: master, execution daemon, and what they started.
      process.kill(-daemons.pid, 'SIGTERM');
      await Promise.race([gone, wait(5_000)]);
      try {
        process.kill(-daemons.pid, 'SIGKILL');
      } catch {
        // All of them have gone.
      }
    }
    await this.#folder.remove();
  }
}

const startScript = `set -u
exec > "$1/start.log" 2>&1
D=$1; H=$(hostname); G=/usr/lib/gridengine
ip link set lo up
mkdir -p $D/root/default/common $D/spooldb $D/qmaster/job_scripts $D/execd
for d in bin lib util utilbin; do ln -sfn "$(readlink -f /var/lib/gridengine/$d)" $D/root/$d; done
cat > $D/root/default/common/bootstrap <<B
admin_user              none
default_domain          none
ignore_fqdn             false
spooling_method         berkeleydb
spooling_lib            libspoolb
spooling_params         $D/spooldb
binary_path             /usr/sbin
qmaster_spool_dir       $D/qmaster
security_mode           none
listener_threads        2
worker_threads          2
scheduler_threads       1
B
echo $H > $D/root/default/common/act_qmaster
echo "$H localhost" > $D/root/default/common/host_aliases
sed "s#/var/spool/gridengine/execd#$D/execd#; s/^reporting_params.*/reporting_params accounting=true reporting=true flush_time=00:00:01 joblog=true sharelog=00:00:00/; s/^min_\\([ug]\\)id.*/min_\\1id 0/; s/^load_report_time.*/load_report_time 00:00:02/" /usr/share/gridengine/default-configuration > $D/conf
export SGE_ND=1
$G/spoolinit berkeleydb libspoolb $D/spooldb init
$G/spooldefaults configuration $D/conf
$G/spooldefaults complexes /usr/share/gridengine/util/resources/centry
$G/spooldefaults usersets /usr/share/gridengine/util/resources/usersets
$G/spooldefaults managers $(id -un)
/usr/sbin/sge_qmaster &
for i in $(seq 100); do qconf -sconf >/dev/null 2>&1 && break; sleep .2; done
qconf -sh; qconf -as $H
/usr/sbin/sge_execd &
for i in $(seq 100); do qconf -sel 2>/dev/null | grep -q . && break; sleep .2; done
qconf -ssconf | sed 's/^schedule_interval.*/schedule_interval 0:0:1/; s/^flush_submit_sec.*/flush_submit_sec 1/; s/^flush_finish_sec.*/flush_finish_sec 1/; s/^schedd_job_info.*/schedd_job_info true/' > $D/sched
qconf -Msconf $D/sched
sed -i "s/HOST/$H/" $D/queue
qconf -Aq $D/queue
wait
`;

const limits = ['rt', 'cpu', 'fsize', 'data', 'stack', 'core', 'rss', 'vmem'];
const queueOf = `qname dyn
hostlist HOST
seq_no 0
load_thresholds NONE
suspend_thresholds NONE
nsuspend 1
suspend_interval 00:05:00
priority 0
min_cpu_interval 00:05:00
processors UNDEFINED
qtype BATCH INTERACTIVE
ckpt_list NONE
pe_list NONE
rerun FALSE
slots 12
tmpdir /tmp
shell /bin/bash
prolog NONE
epilog NONE
shell_start_mode unix_behavior
starter_method NONE
suspend_method NONE
resume_method NONE
terminate_method NONE
notify 00:00:60
owner_list NONE
user_lists NONE
xuser_lists NONE
subordinate_list NONE
complex_values NONE
projects NONE
xprojects NONE
calendar NONE
initial_state default
${limits.flatMap((name) => [`s_${name} INFINITY`, `h_${name} INFINITY`]).join('\n')}
`;
