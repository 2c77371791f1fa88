import type { Recipe } from './recipe.ts';
import { airbagRun, flowRun, modalRun, sledRun, vehicleRun } from './recipes/index.ts';

/**
 * What the team varies, and what it measures. A variant changes one parameter of an earlier run, and a plain response
 * model says what comes of it, so that texts, verdicts and lineages agree with each other.
 */
export interface Study {
  readonly project: string;
  readonly folder: string;
  readonly recipe: Recipe;
  readonly solver: string;
  readonly users: readonly string[];
  readonly tags: readonly string[];
  /** Runs in the month. */
  readonly runs: number;
  deck(serial: number): string;
  readonly parameters: readonly Parameter[];
  readonly metrics: readonly Metric[];
}

export interface Parameter {
  readonly key: string;
  readonly name: string;
  readonly unit: string;
  readonly start: number;
  readonly step: number;
  readonly low: number;
  readonly high: number;
}

export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly start: number;
  readonly digits: number;
  /** The requirement: at most, or at least, this. */
  readonly limit: number;
  readonly better: 'less' | 'more';
  /** Relative change per step of each parameter. */
  readonly effects: Readonly<Record<string, number>>;
}

export const studies: readonly Study[] = [
  {
    project: '3001234',
    folder: 'sled_frontal_56kph',
    recipe: sledRun,
    solver: 'LS-DYNA',
    users: ['doea', 'kimc'],
    tags: ['sled', 'h3-50m'],
    runs: 58,
    deck: () => 'main_sled_simulation.key',
    parameters: [
      parameter('loadLimiter', 'Load limiter', 'kN', 3.5, 0.25, 2.5, 4.5),
      parameter('pretensioner', 'Pretensioner trigger', 'ms', 12, 1, 8, 15),
      parameter('vent', 'Airbag vent diameter', 'mm', 50, 2.5, 40, 60),
      parameter('kneeFoam', 'Knee bolster foam', 'kPa', 350, 25, 250, 450),
    ],
    metrics: [
      metric('HIC15', '', 655, 0, 700, 'less', {
        loadLimiter: 0.014,
        pretensioner: 0.021,
        vent: -0.032,
        kneeFoam: 0.002,
      }),
      metric('chest deflection', 'mm', 40.8, 1, 42, 'less', {
        loadLimiter: 0.026,
        pretensioner: 0.009,
        vent: -0.008,
        kneeFoam: -0.004,
      }),
      metric('femur force', 'kN', 5.9, 1, 6.8, 'less', { loadLimiter: -0.012, kneeFoam: 0.031, vent: 0.002 }),
    ],
  },
  {
    project: '3001234',
    folder: 'full_front_odb',
    recipe: vehicleRun,
    solver: 'LS-DYNA',
    users: ['rossm', 'doea'],
    tags: ['odb-64kph', 'full-vehicle'],
    runs: 28,
    deck: (serial) => `${String(20 + serial).padStart(4, '0')}_EJM_LC01.key`,
    parameters: [
      parameter('rail', 'Front rail thickness', 'mm', 1.8, 0.1, 1.5, 2.2),
      parameter('sill', 'Sill reinforcement thickness', 'mm', 1.4, 0.1, 1.1, 1.8),
      parameter('crossMember', 'Cross member thickness', 'mm', 1.6, 0.1, 1.3, 2),
    ],
    metrics: [
      metric('footwell intrusion', 'mm', 118, 0, 120, 'less', {
        rail: -0.045,
        sill: -0.03,
        crossMember: -0.025,
      }),
      metric('pulse', 'g', 38.2, 1, 40, 'less', { rail: 0.028, sill: 0.006, crossMember: 0.009 }),
      metric('mass', 'kg', 412.6, 1, 416, 'less', { rail: 0.0028, sill: 0.002, crossMember: 0.0011 }),
    ],
  },
  {
    project: 'q000351',
    folder: 'pab_static',
    recipe: airbagRun,
    solver: 'LS-DYNA',
    users: ['doeb', 'patels'],
    tags: ['pab', 'static'],
    runs: 46,
    deck: (serial) => `i_pab_static_v${String(serial + 12).padStart(3, '0')}.dyn`,
    parameters: [
      parameter('inflator', 'Inflator output', '%', 100, 3, 85, 115),
      parameter('tether', 'Tether length', 'mm', 310, 10, 260, 360),
      parameter('vent', 'Vent diameter', 'mm', 55, 2.5, 45, 65),
      parameter('tearSeam', 'Tear seam strength', 'N/mm', 18, 1, 13, 23),
    ],
    metrics: [
      metric('cushion in position after', 'ms', 31.4, 1, 33, 'less', {
        inflator: -0.016,
        tether: 0.008,
        vent: 0.009,
        tearSeam: 0.012,
      }),
      metric('excursion', 'mm', 486, 0, 500, 'less', { inflator: 0.011, tether: 0.019, tearSeam: 0.006 }),
      metric('peak pressure', 'kPa', 33.8, 1, 38, 'less', { inflator: 0.028, vent: -0.034, tether: -0.006 }),
    ],
  },
  {
    project: 'q000351',
    folder: 'pab_out_of_position',
    recipe: airbagRun,
    solver: 'LS-DYNA',
    users: ['patels'],
    tags: ['pab', 'oop', 'h3-6yo'],
    runs: 30,
    deck: (serial) => `i_pab_oop_v${String(serial + 3).padStart(3, '0')}.dyn`,
    parameters: [
      parameter('inflator', 'First stage output', '%', 70, 3, 55, 85),
      parameter('delay', 'Second stage delay', 'ms', 10, 2.5, 5, 25),
      parameter('tearSeam', 'Tear seam strength', 'N/mm', 18, 1, 13, 23),
    ],
    metrics: [
      metric('Nij', '', 0.94, 2, 1, 'less', { inflator: 0.031, delay: -0.022, tearSeam: 0.024 }),
      metric('neck tension', 'kN', 1.39, 2, 1.49, 'less', {
        inflator: 0.027,
        delay: -0.018,
        tearSeam: 0.029,
      }),
    ],
  },
  {
    project: 'r210007',
    folder: 'biw_modes',
    recipe: modalRun,
    solver: 'Nastran',
    users: ['weberl'],
    tags: ['nvh', 'biw'],
    runs: 34,
    deck: (serial) => `biw_modes_v${String(serial + 6).padStart(2, '0')}.bdf`,
    parameters: [
      parameter('strutRing', 'Strut ring bead depth', 'mm', 6, 1, 2, 10),
      parameter('tunnel', 'Tunnel brace thickness', 'mm', 1.2, 0.1, 0.9, 1.6),
      parameter('adhesive', 'Structural adhesive', 'm', 42, 4, 26, 66),
    ],
    metrics: [
      metric('first torsion', 'Hz', 43.1, 1, 43, 'more', {
        strutRing: 0.009,
        tunnel: 0.007,
        adhesive: 0.006,
      }),
      metric('first bending', 'Hz', 51.6, 1, 51, 'more', {
        strutRing: 0.002,
        tunnel: 0.012,
        adhesive: 0.004,
      }),
      metric('mass', 'kg', 331.4, 1, 334, 'less', { strutRing: 0.0006, tunnel: 0.0021, adhesive: 0.0007 }),
    ],
  },
  {
    project: 'r210007',
    folder: 'underbody_cfd',
    recipe: flowRun,
    solver: 'OpenFOAM',
    users: ['weberl', 'rossm'],
    tags: ['aero'],
    runs: 24,
    deck: (serial) => `underbody_r${String(serial + 4).padStart(2, '0')}`,
    parameters: [
      parameter('deflector', 'Wheel deflector height', 'mm', 35, 5, 15, 65),
      parameter('diffuser', 'Diffuser angle', '°', 7, 1, 3, 12),
      parameter('rideHeight', 'Ride height', 'mm', 165, 5, 145, 180),
    ],
    metrics: [
      metric('Cd', '', 0.2874, 4, 0.288, 'less', { deflector: -0.004, diffuser: -0.003, rideHeight: 0.005 }),
      metric('rear lift', '', 0.046, 3, 0.05, 'less', {
        deflector: 0.012,
        diffuser: -0.05,
        rideHeight: 0.018,
      }),
    ],
  },
];

/** The study whose runs are in a folder. */
export function studyIn(folder: string): Study {
  const study = studies.find((each) => each.folder === folder);
  if (study === undefined) throw new RangeError(`there is no study in ${folder}`);
  return study;
}

function parameter(
  key: string,
  name: string,
  unit: string,
  start: number,
  step: number,
  low: number,
  high: number,
): Parameter {
  return { key, name, unit, start, step, low, high };
}

function metric(
  name: string,
  unit: string,
  start: number,
  digits: number,
  limit: number,
  better: 'less' | 'more',
  effects: Record<string, number>,
): Metric {
  return { name, unit, start, digits, limit, better, effects };
}
