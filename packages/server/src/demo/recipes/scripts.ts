import type { JsonObject } from '@daybook/core';
import type { About, Recipe } from '../recipe.ts';

/** What runs by itself or from somebody's shell: backups, reports, training, and the tracker's first job. */

const script = {
  kind: 'script',
  source: 'automation',
  execution: 'reported',
  reporter: 'automation',
} as const;

export const nightlyBackup: Recipe = {
  ...script,
  tag: 'nightly_backup',
  name: 'Nightly backup',
  version: '1.1.0',
  steps: [
    { tag: 'dump', name: 'Dump databases', points: 30, seconds: 160 },
    { tag: 'compress', name: 'Compress', points: 20, seconds: 95 },
    {
      tag: 'copy',
      name: 'Copy to the second site',
      points: 40,
      seconds: 240,
      spread: 0.3,
      metadata: [{ name: 'Size', units: 'GB', kind: 'number' }],
    },
    { tag: 'verify', name: 'Verify', points: 10, seconds: 60 },
  ],
  endings: { failed: 0.06 },
  failures: [
    {
      weight: 1,
      step: 'copy',
      isPassing: true,
      message: () => 'rsync: connection to backup02 timed out after 600 s (exit code 30)',
      lines: () => ['rsync error: timeout in data send/receive (code 30)'],
    },
    {
      weight: 1,
      step: 'verify',
      message: ({ random }) =>
        `requirements.sql.zst: sha256 differs, expected ${random.hex(64)}, found ${random.hex(64)}`,
    },
  ],
  line: (step, share, { random }) =>
    step === 'copy'
      ? `${Math.round(share * 100)} % sent, ${random.whole(70, 118)} MB/s`
      : `${step}: ${random.pick(['requirements', 'testbench', 'materials', 'metadata'])}: ${random.whole(4, 60)} tables`,
  figures: (step, { random }): JsonObject | undefined =>
    step === 'copy' ? { Size: Number(random.between(46, 52).toFixed(1)) } : undefined,
  farewell: () => 'backup is complete, 14 kept, 1 removed',
};

export const weeklyReport: Recipe = {
  ...script,
  tag: 'weekly_report',
  name: 'Weekly status report',
  version: '1.0.0',
  steps: [
    { tag: 'collect', name: 'Collect results', points: 40, seconds: 32 },
    { tag: 'plot', name: 'Plot', points: 40, seconds: 38 },
    { tag: 'publish', name: 'Publish', points: 20, seconds: 9 },
  ],
  endings: { failed: 0.05 },
  failures: [
    {
      weight: 1,
      step: 'collect',
      message: ({ random }) =>
        `curves.csv of run ${random.whole(1_234_000, 1_234_500)} has no column CHEST_DEFL`,
    },
  ],
  line: (step, share, { random }) =>
    step === 'plot'
      ? `page ${1 + Math.floor(share * 12)} of 12`
      : `${step}: run ${random.whole(1_234_000, 1_234_560)}, ${random.whole(8, 40)} curves`,
  farewell: () => 'report_frontal_restraint.pdf, 12 pages',
  files: ({ random }) => [
    { path: '/mnt/work/reports/report_frontal_restraint.pdf', bytes: random.whole(2e6, 4e6) },
  ],
};

/** The job of the trackerapi contract. */
export const myJob: Recipe = {
  ...script,
  tag: 'my_job',
  name: 'My Job',
  version: '1.0.0',
  steps: [
    { tag: 'say_hello', name: 'Say Hello', points: 10, seconds: 9 },
    {
      tag: 'random_number',
      name: 'Generate Random Number',
      points: 15,
      seconds: 16,
      metadata: [{ name: 'Number', kind: 'number' }],
    },
    { tag: 'say_bye', name: 'Say Bye', points: 10, seconds: 8 },
  ],
  endings: { failed: 0.06 },
  failures: [
    {
      weight: 1,
      step: 'random_number',
      message: () => 'ValueError: empty range for randrange() (10, 10, 0)',
      lines: () => ['Traceback (most recent call last):', '  File "my_job.py", line 21, in <module>'],
    },
  ],
  line: (step, _share, { random }) => (step === 'random_number' ? `drew ${random.whole(1, 1_000)}` : step),
  figures: (step, { random }): JsonObject | undefined =>
    step === 'random_number' ? { Number: random.whole(1, 1_000) } : undefined,
};

export const surrogateTraining: Recipe = {
  ...script,
  tag: 'surrogate_training',
  name: 'Train the surrogate model',
  version: '0.4.0',
  steps: [
    { tag: 'prepare', name: 'Prepare data', points: 10, seconds: 75 },
    {
      tag: 'train',
      name: 'Train',
      points: 75,
      seconds: 720,
      spread: 0.3,
      metadata: [
        { name: 'Loss', kind: 'number' },
        { name: 'Epochs', kind: 'number' },
      ],
    },
    {
      tag: 'evaluate',
      name: 'Evaluate',
      points: 15,
      seconds: 80,
      metadata: [{ name: 'R2', kind: 'number' }],
    },
  ],
  endings: { failed: 0.1, canceled: 0.06 },
  failures: [
    {
      weight: 2,
      step: 'train',
      message: ({ random }) =>
        `CUDA out of memory: tried to allocate ${random.whole(2, 9)}.${random.whole(0, 9)} GiB, 23.7 GiB in use (batch size 512)`,
      remedy: 'Runs with a batch size of 256.',
      lines: () => ['Traceback (most recent call last):', '  File "train.py", line 118, in step'],
    },
    {
      weight: 1,
      step: 'train',
      message: ({ random }) =>
        `Loss is not a number in epoch ${random.whole(3, 30)}; the learning rate is too high`,
      remedy: 'Learning rate halved.',
    },
  ],
  begin: ({ random }) => ({ host: `gpu0${random.whole(1, 4)}`, gpu: 'L4 24 GB', seed: random.whole(1, 99) }),
  line: trainingLine,
  figures: (step, { random }): JsonObject | undefined => {
    if (step === 'train') return { Loss: Number(random.between(0.008, 0.03).toFixed(4)), Epochs: 60 };
    return step === 'evaluate' ? { R2: Number(random.between(0.86, 0.97).toFixed(3)) } : undefined;
  },
};

function trainingLine(step: string, share: number, { random }: About): string {
  if (step !== 'train') return `${step}: ${Math.round(share * 100)} % of ${random.whole(220, 380)} runs`;
  const loss = 0.4 * Math.exp(-4 * share) + random.between(0.008, 0.02);
  const epoch = String(1 + Math.floor(share * 59)).padStart(2);
  return `epoch ${epoch}/60  loss ${loss.toFixed(4)}  val_loss ${(loss * random.between(1.05, 1.3)).toFixed(4)}  lr ${(3e-4 * (1 - 0.9 * share)).toExponential(1)}`;
}

/** Runs on a workstation that somebody restarts: it is never heard of again. */
export const geometryExport: Recipe = {
  ...script,
  tag: 'geometry_export',
  name: 'Export geometry variants',
  version: '1.0.0',
  fallsSilent: true,
  steps: [
    { tag: 'open', name: 'Open the assembly', points: 10, seconds: 90 },
    { tag: 'export', name: 'Export', points: 90, seconds: 2_400 },
  ],
  endings: {},
  failures: [],
  begin: ({ random }) => ({ host: `ws-${random.whole(110, 180)}` }),
  line: (_step, share, { random }) =>
    `variant ${1 + Math.floor(share * 48)} of 48: ${random.whole(900, 2_400)} faces`,
};
