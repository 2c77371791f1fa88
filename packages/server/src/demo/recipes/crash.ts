import type { JsonObject } from '@daybook/core';
import type { About, Failure, Pace, Recipe } from '../recipe.ts';

/** Explicit crash and airbag runs: the submit script reports what the solver does. */

const MINUTE = 60;

function explicitRun(run: {
  tag: string;
  name: string;
  solve: number;
  endTime: number;
  softPart: string;
}): Recipe {
  return {
    tag: run.tag,
    name: run.name,
    version: '2.1.0',
    kind: 'simulation',
    source: 'cluster',
    execution: 'reported',
    reporter: 'cluster',
    steps: stepsOf(run.solve),
    failures: failuresOf(run.softPart),
    endings: { failed: 0.085, canceled: 0.025, finished: 0.05, other: 0.015 },
    begin: ({ random }) => ({
      host: `node${String(random.whole(1, 48)).padStart(3, '0')}`,
      cores: random.pick([32, 64, 64, 128]),
      solver: 'LS-DYNA R13.1.1',
    }),
    line: (step, share, about) => lineOf(step, share, about, run.endTime),
    figures: (step, { random }): JsonObject | undefined => {
      if (step === 'solve')
        return { Cycles: Math.round(run.endTime * 1e6), 'Peak memory': random.whole(38, 96) };
      return step === 'check_deck' ? { Warnings: random.whole(0, 14) } : undefined;
    },
    farewell: () => ' N o r m a l    t e r m i n a t i o n',
    files: ({ jobDirectory, random }) => [
      { path: `${jobDirectory}/binout0000`, bytes: random.whole(90e6, 400e6) },
      { path: `${jobDirectory}/curves.csv`, bytes: random.whole(2e5, 9e5) },
    ],
  };
}

function stepsOf(solve: number): Pace[] {
  const warnings = [{ name: 'Warnings', kind: 'number' }];
  const figures = [
    { name: 'Cycles', kind: 'number' },
    { name: 'Peak memory', units: 'GB', kind: 'number' },
  ];
  return [
    { tag: 'check_deck', name: 'Check the deck', points: 1, seconds: 18, metadata: warnings },
    { tag: 'decompose', name: 'Decompose', points: 2, seconds: 45 },
    { tag: 'initialize', name: 'Initialize', points: 4, seconds: 95 },
    { tag: 'solve', name: 'Solve', points: 85, seconds: solve, spread: 0.16, metadata: figures },
    { tag: 'extract', name: 'Extract curves', points: 8, seconds: 170, spread: 0.3 },
  ];
}

function lineOf(step: string, share: number, about: About, endTime: number): string {
  const { random, name } = about;
  switch (step) {
    case 'check_deck':
      return share < 0.5
        ? ` input deck ${name}: ${random.whole(180, 940)} keyword blocks read`
        : ` part set ${random.whole(100, 999)}: ${random.whole(1, 40)} parts, ${random.whole(2_000, 90_000)} elements`;
    case 'decompose':
      return ` decomposition: imbalance ${random.between(1.01, 1.09).toFixed(3)} over ${random.pick([32, 64])} domains`;
    case 'initialize':
      return ` contact ${random.whole(1, 60)}: ${random.whole(0, 25)} initial penetrations removed`;
    case 'solve':
      return solverLine(share, about, endTime);
    default:
      return ` curve ${random.pick(['HEAD_ACC_RES', 'CHEST_DEFL', 'PELVIS_ACC_X', 'NECK_MY', 'BELT_B3_FORCE', 'CUSHION_PRESSURE'])} written, ${random.whole(900, 1_400)} points`;
  }
}

function solverLine(share: number, { random }: About, endTime: number): string {
  const time = share * endTime;
  const cycle = String(Math.round(time * 1e6)).padStart(8);
  const clock = `t ${fortran(time)}`;
  if (random.chance(0.15))
    return `${cycle} ${clock} energy ratio w/o eroded ${random.between(0.985, 1.012).toFixed(4)}`;
  if (random.chance(0.12))
    return `${cycle} ${clock} added mass ${random.between(0.4, 2.2).toFixed(2)} kg (${random.between(0.01, 0.2).toFixed(2)} %)`;
  const what = random.pick([
    'write d3plot file',
    'write d3plot file',
    'flush i/o buffers',
    'write runrsf file',
  ]);
  return `${cycle} ${clock} dt ${random.between(0.86, 1).toFixed(2)}E-06 ${what}`;
}

/** As solvers print numbers: two digits of exponent. */
function fortran(value: number): string {
  const [digits, exponent = '0'] = value.toExponential(4).split('e');
  const size = String(Math.abs(Number(exponent))).padStart(2, '0');
  return `${digits}E${Number(exponent) < 0 ? '-' : '+'}${size}`;
}

function failuresOf(softPart: string): readonly Failure[] {
  return [
    {
      weight: 3,
      step: 'solve',
      message: ({ random }) =>
        `Negative volume in solid element ${random.whole(2_400_000, 2_700_000)} of part ${random.whole(2_100, 2_190)} (${softPart})`,
      remedy: 'Foam was too coarse at the edge. Remeshed for the next run.',
      lines: ({ random }) => [
        ` *** Error: negative volume in brick element ${random.whole(2_400_000, 2_700_000)}`,
        ' E r r o r   t e r m i n a t i o n',
      ],
    },
    {
      weight: 3,
      step: 'check_deck',
      isPassing: true,
      message: ({ random }) =>
        `No license: ${random.pick([32, 64])} of 256 MPP licenses asked for, ${random.whole(0, 24)} free after 30 min of waiting`,
      lines: ({ random }) => [
        ` license server lic0${random.whole(1, 3)}: all licenses in use`,
        ' license error: giving up after 1800 s',
      ],
    },
    {
      weight: 2,
      step: 'solve',
      isPassing: true,
      message: ({ jobDirectory }) =>
        `Disk quota exceeded while writing d3plot07 in ${jobDirectory} (2.0 TB of 2.0 TB used)`,
      lines: () => [' write error on unit 12: Disk quota exceeded'],
    },
    {
      weight: 2,
      step: 'check_deck',
      message: ({ random }) =>
        `Include file seat_rail_v${random.whole(4, 9)}.inc not found (named in line ${random.whole(40, 900)} of the deck)`,
      remedy: 'Include path pointed to the old seat. Corrected in the next variant.',
      lines: () => [' E r r o r   t e r m i n a t i o n'],
    },
    {
      weight: 1,
      step: 'solve',
      isPassing: true,
      message: ({ random }) =>
        `Node node${String(random.whole(1, 48)).padStart(3, '0')} was lost: no answer from rank ${random.whole(0, 63)} for 300 s`,
    },
    {
      weight: 1,
      step: 'initialize',
      message: ({ random }) =>
        `Shooting node ${random.whole(8_000_000, 8_100_000)}: initial penetration of ${random.between(2.1, 6.4).toFixed(1)} mm in contact ${random.whole(3, 40)}`,
      remedy: 'Dummy was positioned before the seat was moved. Positioned again.',
    },
  ];
}

export const sledRun = explicitRun({
  tag: 'sled_run',
  name: 'Sled run',
  solve: 48 * MINUTE,
  endTime: 0.12,
  softPart: 'knee bolster foam',
});
export const vehicleRun = explicitRun({
  tag: 'full_vehicle_run',
  name: 'Full vehicle crash run',
  solve: 230 * MINUTE,
  endTime: 0.14,
  softPart: 'bumper foam',
});
export const airbagRun = explicitRun({
  tag: 'airbag_run',
  name: 'Airbag deployment run',
  solve: 32 * MINUTE,
  endTime: 0.08,
  softPart: 'instrument panel foam',
});
