import type { JsonObject } from '@daybook/core';
import type { About, Recipe } from '../recipe.ts';

/** Vibration runs, which only the scheduler sees, and flow runs, whose script reports its steps. */

export const modalRun: Recipe = {
  tag: 'modal_run',
  name: 'Modal analysis',
  version: '1.0.0',
  kind: 'simulation',
  source: 'cluster',
  execution: 'watched',
  reporter: 'cluster',
  steps: [],
  seconds: 26 * 60,
  endings: { failed: 0.07, canceled: 0.02, finished: 0.12 },
  failures: [
    {
      weight: 2,
      step: null,
      message: ({ random }) =>
        `Exit code 12: stiffness matrix is singular at grid ${random.whole(400_000, 480_000)}, component 5`,
      remedy: 'Bracket was not connected. Spot welds added.',
    },
    {
      weight: 1,
      step: null,
      isPassing: true,
      message: ({ random }) => `Killed by the scheduler: ${random.whole(258, 290)} GB of 256 GB memory used`,
    },
  ],
  line: () => '',
};

export const flowRun: Recipe = {
  tag: 'flow_run',
  name: 'External flow run',
  version: '1.3.0',
  kind: 'simulation',
  source: 'cluster',
  execution: 'reported',
  reporter: 'cluster',
  steps: [
    {
      tag: 'mesh',
      name: 'Mesh',
      points: 15,
      seconds: 640,
      metadata: [{ name: 'Cells', units: 'M', kind: 'number' }],
    },
    { tag: 'partition', name: 'Partition', points: 2, seconds: 50 },
    {
      tag: 'solve',
      name: 'Solve',
      points: 75,
      seconds: 82 * 60,
      spread: 0.18,
      metadata: [{ name: 'Iterations', kind: 'number' }],
    },
    { tag: 'average', name: 'Average and plot', points: 8, seconds: 380 },
  ],
  endings: { failed: 0.08, canceled: 0.03, finished: 0.02 },
  failures: [
    {
      weight: 3,
      step: 'solve',
      message: ({ random }) =>
        `Diverged at iteration ${random.whole(180, 900)}: continuity residual ${random.between(2, 90).toFixed(1)}e+03, ${random.whole(12, 400)} cells with negative volume near the front wheel`,
      remedy: 'Prism layers collapsed in the wheel arch. Meshed again with a finer surface.',
      lines: () => ['bounding k, min: -3.1e+02 max: 8.8e+05', 'Floating point exception'],
    },
    {
      weight: 1,
      step: 'mesh',
      message: ({ random }) =>
        `Mesh check failed: ${random.whole(3, 60)} faces with non-orthogonality above 85 degrees`,
      remedy: 'Gap between deflector and liner closed in the surface.',
    },
  ],
  begin: ({ random }) => ({ host: `node${String(random.whole(49, 64)).padStart(3, '0')}`, cores: 256 }),
  line: flowLine,
  figures: (step, { random }): JsonObject | undefined => {
    if (step === 'mesh') return { Cells: random.whole(84, 112) };
    return step === 'solve' ? { Iterations: 4_000 } : undefined;
  },
  farewell: () => 'Finalising parallel run',
};

function flowLine(step: string, share: number, { random }: About): string {
  if (step === 'mesh')
    return share < 0.6
      ? `Refinement level ${1 + Math.floor(share * 12)}: ${random.whole(12, 90)} M cells`
      : `Layer addition: ${random.between(88, 98).toFixed(1)} % of faces have 10 layers`;
  if (step === 'partition')
    return `Processor ${random.whole(0, 255)}: ${random.whole(340_000, 420_000)} cells`;
  if (step === 'average')
    return `Averaged ${Math.round(share * 1_000)} of 1000 iterations, Cd = ${random.between(0.282, 0.291).toFixed(4)}`;
  const iteration = Math.round(share * 4_000);
  if (random.chance(0.4))
    return `Time = ${iteration}  Cd = ${random.between(0.281, 0.293).toFixed(4)}  Cl(r) = ${random.between(0.03, 0.06).toFixed(4)}`;
  const residual = 10 ** (-2 - 3 * share + random.between(-0.3, 0.3));
  return `Time = ${iteration}  Solving for ${random.pick(['Ux', 'Uy', 'Uz', 'p', 'k', 'omega'])}, initial residual = ${residual.toExponential(3)}, iterations ${random.whole(2, 9)}`;
}
