import type { JobCreate } from '@daybook/core';
import type { Random } from './random.ts';
import type { Recipe } from './recipe.ts';
import {
  bundleIngest,
  datasetImport,
  geometryExport,
  myJob,
  nightlyBackup,
  surrogateTraining,
  weeklyReport,
} from './recipes/index.ts';
import { describeVariant, type Variant } from './variants.ts';

/** A demo job before it is created. */
export interface Work {
  readonly recipe: Recipe;
  readonly create: JobCreate;
}

/** What is decided about a job before anything else: its number and when it was submitted. */
export interface Ticket {
  readonly externalId: string;
  readonly submittedAt: number;
}

export function simulation(variant: Variant, ticket: Ticket, random: Random): Work {
  const { recipe, users } = variant.study;
  return work(recipe, ticket, describeVariant(variant, ticket.submittedAt, random.pick(users)));
}

export function importOf(dataset: Dataset, operation: 'ADD' | 'CHANGE', ticket: Ticket): Work {
  return work(datasetImport, ticket, {
    name: dataset.name,
    project: dataset.project,
    user: dataset.user,
    target: dataset.name,
    operation,
    parameters: { operation, target: dataset.name },
    tags: ['testdata'],
  });
}

export function ingest(ticket: Ticket, random: Random): Work {
  const bundle = random.pick(bundles);
  const number = String(random.whole(100, 2_400)).padStart(4, '0');
  return work(bundleIngest, ticket, {
    name: `${bundle.prefix}_${number}.tar`,
    project: bundle.project,
    user: bundle.user,
    context: { submitter: random.whole(10, 40), instrument: bundle.instrument },
    tags: ['testdata'],
  });
}

export function training(ticket: Ticket, random: Random): Work {
  const [quantity, project, user] = random.pick(surrogates);
  return work(surrogateTraining, ticket, {
    name: `Train surrogate: ${quantity}`,
    project,
    user,
    parameters: { quantity, epochs: 60, batchSize: random.pick([128, 256, 512]) },
    tags: ['surrogate'],
    submitDirectory: `/mnt/work/projects/_prj/${project}/surrogate`,
  });
}

export function firstJob(ticket: Ticket, random: Random): Work {
  return work(myJob, ticket, {
    name: 'My Job',
    user: random.pick(['patels', 'kimc', 'doeb']),
    tags: ['tutorial'],
  });
}

export function backup(ticket: Ticket): Work {
  return work(nightlyBackup, ticket, { name: 'Nightly backup', user: 'svc_backup', tags: ['operations'] });
}

export function report(ticket: Ticket): Work {
  return work(weeklyReport, ticket, {
    name: 'Weekly status report',
    user: 'kimc',
    project: '3001234',
    tags: ['operations'],
  });
}

export function silentExport(ticket: Ticket, random: Random): Work {
  const assembly = random.pick(['seat_track', 'ip_carrier', 'door_inner']);
  return work(geometryExport, ticket, {
    name: `export_variants ${assembly}`,
    user: 'rossm',
    project: '3001234',
  });
}

function work(recipe: Recipe, ticket: Ticket, rest: Partial<JobCreate>): Work {
  const { kind, source, execution, tag, name, steps } = recipe;
  return {
    recipe,
    create: {
      name,
      kind,
      source,
      execution,
      ...(steps.length > 0 && { configuration: tag }),
      ...ticket,
      ...rest,
    },
  };
}

export interface Dataset {
  readonly name: string;
  readonly project: string;
  readonly user: string;
}

export const datasets: readonly Dataset[] = [
  ['FIELD_ACCIDENT_CASES', '3001234', 'weberl'],
  ['VOLUNTEER_POSTURE_STUDY', '3001234', 'weberl'],
  ['SLED_TEST_CHANNELS', '3001234', 'kimc'],
  ['DUMMY_CALIBRATION_H350M', '3001234', 'kimc'],
  ['MATERIAL_CARDS_FOAM', '3001234', 'rossm'],
  ['MATERIAL_CARDS_STEEL', 'r210007', 'rossm'],
  ['PAB_PRESSURE_TRACES', 'q000351', 'doeb'],
  ['INFLATOR_TANK_TESTS', 'q000351', 'doeb'],
  ['CUSHION_PERMEABILITY', 'q000351', 'patels'],
  ['MODAL_SURVEYS_BIW', 'r210007', 'weberl'],
  ['WIND_TUNNEL_RUNS', 'r210007', 'weberl'],
  ['ROAD_LOAD_SPECTRA', 'r210007', 'rossm'],
].map(([name = '', project = '', user = '']) => ({ name, project, user }));

const bundles = [
  { prefix: 'sled_test', project: '3001234', user: 'kimc', instrument: 54 },
  { prefix: 'static_deployment', project: 'q000351', user: 'doeb', instrument: 57 },
  { prefix: 'ct_scan_cushion', project: 'q000351', user: 'patels', instrument: 61 },
  { prefix: 'modal_survey_biw', project: 'r210007', user: 'weberl', instrument: 33 },
  { prefix: 'wind_tunnel_run', project: 'r210007', user: 'weberl', instrument: 35 },
] as const;

const surrogates = [
  ['HIC15', '3001234', 'kimc'],
  ['chest deflection', '3001234', 'doea'],
  ['cushion excursion', 'q000351', 'patels'],
  ['rear lift', 'r210007', 'weberl'],
] as const;
