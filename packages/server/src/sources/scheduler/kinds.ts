import { limits, seconds, sourceSettingsShape } from '@daybook/core';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { Command } from '../command/command.ts';
import { Pbs } from '../pbs/pbs.ts';
import { GridEngine } from '../sge/sge.ts';
import { defaultLogPattern } from '../sge-logs/log-file.ts';
import { SgeLogs } from '../sge-logs/sge-logs.ts';
import { defaultScriptPattern } from '../sge-logs/submit-directory.ts';
import { Slurm } from '../slurm/slurm.ts';
import type { CommonSettings, SourceKind } from '../source.ts';
import { Programs } from './programs.ts';
import {
  defaultProjectFolder,
  defaultProjectParent,
  projectOfPath,
  projectPatterns,
} from './project-of-path.ts';
import type { Scheduler } from './scheduler.ts';
import { SchedulerSource } from './scheduler-source.ts';
import { sightOf } from './seen.ts';
import { serverTimeZone } from './times.ts';

const path = z
  .string()
  .max(limits.path)
  .regex(/^\/[^\u0000]*$/, 'must be an absolute path');
const pattern = z.string().min(1).max(500).refine(isPattern, 'is no regular expression');
const port = z.int().min(1).max(65_535).optional();

const projectShape = {
  projectParent: pattern.default(defaultProjectParent).meta({
    title: "Folder above a project's",
    description: 'Regular expression that its name contains',
  }),
  projectFolder: pattern.default(defaultProjectFolder).meta({
    title: "Project's folder",
    description: 'Regular expression that its whole name is; the last one in a path names the project',
  }),
};

/** Schedulers answer four calls in a minute, of which a list is one. */
const schedulerShape = {
  ...sourceSettingsShape,
  interval: seconds(15, 3_600).prefault('20s').meta({
    title: 'Interval',
    description: 'Seconds between two looks; 15 at least, since schedulers have other things to do',
  }),
  ...projectShape,
};

const slurmSettings = z.strictObject({
  jobcomp: path.optional().meta({
    title: 'Job completion file',
    description: 'JobCompLoc of JobCompType=jobcomp/filetxt; without one, sacct is asked',
  }),
  configuration: path
    .optional()
    .meta({ title: 'Configuration', description: 'SLURM_CONF, where it is not the usual one' }),
  ...schedulerShape,
});

const sgeSettings = z.strictObject({
  accounting: path
    .optional()
    .meta({ title: 'Accounting file', description: '$SGE_ROOT/$SGE_CELL/common/accounting' }),
  reporting: path.optional().meta({
    title: 'Reporting file',
    description:
      'With reporting=true joblog=true; also tells of deletions, and is taken instead of the accounting',
  }),
  root: path.optional().meta({ title: 'SGE_ROOT' }),
  cell: z
    .string()
    .regex(/^[\w.-]{1,100}$/)
    .optional()
    .meta({ title: 'SGE_CELL' }),
  masterPort: port.meta({ title: 'SGE_QMASTER_PORT' }),
  executionPort: port.meta({ title: 'SGE_EXECD_PORT' }),
  ...schedulerShape,
});

const pbsSettings = z.strictObject({
  server: z
    .string()
    .regex(/^[\w.:-]{1,200}$/)
    .optional()
    .meta({ title: 'PBS_SERVER' }),
  ...schedulerShape,
});

const commandSettings = z.strictObject({
  program: z
    .string()
    .regex(/^[\w.+-]{1,200}$/, 'must be the name of a program, without a path')
    .meta({ title: 'Program', description: 'Its name in a folder of the setting sourcePrograms' }),
  args: z
    .array(
      z
        .string()
        .max(1_000)
        .regex(/^[^\u0000]*$/),
    )
    .max(50)
    .default([])
    .meta({ title: 'Arguments' }),
  ...schedulerShape,
});

const sgeLogsSettings = z.strictObject({
  directory: path.meta({ title: 'Directory', description: 'Of the log files, as the server sees it' }),
  logPattern: pattern.default(defaultLogPattern).meta({
    title: 'Log files',
    description: 'Regular expression that their whole names are',
  }),
  scriptPattern: pattern.default(defaultScriptPattern).meta({
    title: 'Cluster scripts',
    description: 'Regular expression of their names after the number of the job',
  }),
  ...sourceSettingsShape,
  ...projectShape,
});

/** What the kinds need of the process that they run in. */
export interface KindParts {
  readonly clock: Clock;
  /** Folders whose programs may be started, besides those of `PATH` for schedulers. */
  readonly programs: readonly string[];
  /** Between two tries at a young job of `sge-logs`, milliseconds; a second when left out. */
  readonly betweenTries?: number;
}

/**
 * The kinds of sources that watch schedulers. Programs here print local time in the zone that we read it in, whatever the
 * zone of the machine; those on a login node print it in theirs, which `timeZone` names.
 */
export function schedulerKinds(parts: KindParts): SourceKind[] {
  const programs = (environment: Record<string, string | number | undefined>) =>
    new Programs(parts.programs, textsOf(environment));
  return [
    watching('slurm', slurmSettings, parts, ({ jobcomp, configuration, ...rest }) => {
      const timeZone = zoneOf(rest);
      return new Slurm(programs({ SLURM_CONF: configuration, TZ: timeZone }), { timeZone, jobcomp });
    }),
    watching(
      'sge',
      sgeSettings,
      parts,
      ({ accounting, reporting, root, cell, masterPort, executionPort, ...rest }) => {
        const timeZone = zoneOf(rest);
        const environment = {
          TZ: timeZone,
          SGE_ROOT: root,
          SGE_CELL: cell,
          SGE_QMASTER_PORT: masterPort,
          SGE_EXECD_PORT: executionPort,
        };
        return new GridEngine(programs(environment), { timeZone, accounting, reporting });
      },
    ),
    watching('pbs', pbsSettings, parts, ({ server, ...rest }) => {
      const timeZone = zoneOf(rest);
      const environment = { PBS_SERVER: server, PBS_DEFAULT: server, TZ: timeZone };
      return new Pbs(programs(environment), { timeZone });
    }),
    watching('command', commandSettings, parts, ({ program, args, ...rest }) => {
      const own = new Programs(parts.programs, { TZ: zoneOf(rest) }, { alsoPath: false });
      return new Command(own, { program, args });
    }),
    sgeLogs(parts),
  ];
}

type ProjectSettings = CommonSettings & { readonly projectParent: string; readonly projectFolder: string };

function watching<S extends ProjectSettings>(
  kind: string,
  settings: z.ZodType<S>,
  { clock }: KindParts,
  open: (settings: S) => Scheduler,
): SourceKind {
  const whole: SourceKind<S> = {
    kind,
    settings,
    execution: 'watched',
    polls: () => true,
    open: (read) =>
      new SchedulerSource(open(read), { clock, interval: read.interval, projectOf: projectReader(read) }),
    sight: sightOf,
  };
  return whole as unknown as SourceKind;
}

function sgeLogs({ clock, betweenTries = 1_000 }: KindParts): SourceKind {
  const kind: SourceKind<z.infer<typeof sgeLogsSettings>> = {
    kind: 'sge-logs',
    settings: sgeLogsSettings,
    execution: 'watched',
    polls: () => true,
    open: (settings) =>
      new SgeLogs({
        clock,
        directory: settings.directory,
        timeZone: zoneOf(settings),
        logPattern: new RegExp(`^(?:${settings.logPattern})$`),
        scriptPattern: new RegExp(`^(?:${settings.scriptPattern})$`),
        projectOf: projectReader(settings),
        betweenTries,
      }),
    sight: sightOf,
  };
  return kind as unknown as SourceKind;
}

function projectReader({
  projectParent,
  projectFolder,
}: ProjectSettings): (path: string) => string | undefined {
  const patterns = projectPatterns(projectParent, projectFolder);
  return (path) => projectOfPath(path, patterns);
}

function zoneOf({ timeZone }: CommonSettings): string {
  return timeZone ?? serverTimeZone();
}

function textsOf(values: Record<string, string | number | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) !== undefined;
  } catch {
    return false;
  }
}
