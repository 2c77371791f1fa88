import type { Assessment, JobCreate } from '@daybook/core';
import type { Random } from './random.ts';
import type { Metric, Parameter, Study } from './studies.ts';

/** A run of a study: which parameters it has, and which earlier run it varies. */
export interface Variant {
  readonly study: Study;
  readonly serial: number;
  readonly externalId: string;
  readonly values: Readonly<Record<string, number>>;
  readonly base: Pick<Variant, 'externalId' | 'values'> | undefined;
}

/** What somebody wrote about a run that has ended. */
export interface Verdict {
  readonly assessment: Assessment;
  readonly summary: string;
}

/** The next run of a study: the first is the reference, each later one changes a parameter of an earlier one. */
export function nextVariant(
  study: Study,
  serial: number,
  externalId: string,
  base: Variant['base'],
  random: Random,
): Variant {
  const values = base?.values ?? Object.fromEntries(study.parameters.map(({ key, start }) => [key, start]));
  if (base === undefined) return { study, serial, externalId, values, base };
  const changed = { ...values };
  const count = random.chance(0.12) ? 2 : 1;
  for (let i = 0; i < count; i++) {
    const parameter = random.pick(study.parameters);
    changed[parameter.key] = moved(parameter, values[parameter.key] ?? parameter.start, random);
  }
  return { study, serial, externalId, values: changed, base };
}

/** One or two steps up or down, never over the bounds. */
function moved({ step, low, high }: Parameter, from: number, random: Random): number {
  const steps = random.pick([-2, -1, -1, 1, 1, 2]);
  const to = from + steps * step;
  return rounded(to < low || to > high ? from - steps * step : to);
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** What a run says about itself: which deck, where, and what it changes. */
export function describeVariant(variant: Variant, submittedAt: number, user: string): Partial<JobCreate> {
  const { study, serial, externalId, values, base } = variant;
  const deck = study.deck(serial);
  const version = `v${String(serial).padStart(3, '0')}`;
  const submitDirectory = `/mnt/work/projects/_prj/${study.project}/${study.folder}/${version}`;
  const jobDirectory = `${submitDirectory}/${externalId}`;
  const moment = new Date(submittedAt).toISOString().slice(0, 19).replace('T', '__');
  return {
    name: deck,
    kind: study.recipe.kind,
    project: study.project,
    user,
    solver: study.solver,
    submitDirectory,
    jobDirectory,
    logFile: `/mnt/work/cluster/log/${moment}-${externalId}.log`,
    readmeFile: `README.${deck}.README`,
    parameters: { ...values },
    info: infoOf(variant),
    tags: base === undefined ? [...study.tags, 'baseline'] : [...study.tags],
    baseRuns: base === undefined ? [] : [base.externalId],
  };
}

/** What was changed against the base run. */
export function infoOf({ study, values, base }: Variant): string {
  if (base === undefined) return 'Reference: status of the last design freeze, all loads as in the test.';
  const changes = study.parameters.flatMap(({ key, name, unit }) => {
    const [from, to] = [base.values[key], values[key]];
    return from === to ? [] : [`${name} ${from} → ${to}${unitText(unit)}`];
  });
  if (changes.length === 0) return `As ${base.externalId}, run again with the corrected contact definition.`;
  return `Based on ${base.externalId}: ${changes.join(', ')}. Everything else unchanged.`;
}

/** What came of a run that reached its end: its figures against those of its base run and against the limits. */
export function verdictOf(variant: Variant, random: Random): Verdict {
  const { study, values, base } = variant;
  if (random.chance(0.04))
    return {
      assessment: 'issue',
      summary: `Hourglass energy reaches ${random.whole(11, 19)} % of the internal energy. Figures are not usable, deck is being corrected.`,
    };
  const rows = study.metrics.map((metric) => {
    const value = measured(metric, study, values);
    const before = base === undefined ? undefined : measured(metric, study, base.values);
    return {
      metric,
      value,
      before,
      isMet: fits(metric, value),
    };
  });
  const figures = rows.map(({ metric, value, before }) => figure(metric, value, before)).join(', ');
  const missed = rows.filter(({ isMet }) => !isMet).map(({ metric }) => metric.name);
  if (missed.length > 0)
    return { assessment: 'not_ok', summary: `${figures}. Requirement missed: ${missed.join(', ')}.` };
  return { assessment: 'ok', summary: `${figures}. ${comparison(rows)}` };
}

/** True if the response model sees every requirement met. */
export function meetsLimits({ study, values }: Variant): boolean {
  return study.metrics.every((metric) => fits(metric, measured(metric, study, values)));
}

function fits({ better, limit }: Metric, value: number): boolean {
  return better === 'less' ? value <= limit : value >= limit;
}

/** The plain response model: every parameter has its effect, and large changes have a little more. */
function measured(metric: Metric, study: Study, values: Readonly<Record<string, number>>): number {
  const factor = study.parameters.reduce((product, { key, start, step }) => {
    const steps = ((values[key] ?? start) - start) / step;
    return product * (1 + (metric.effects[key] ?? 0) * steps + 0.0008 * steps * steps);
  }, 1);
  return Number((metric.start * factor).toFixed(metric.digits));
}

function figure(
  { name, unit, digits, limit, better }: Metric,
  value: number,
  before: number | undefined,
): string {
  const bound = `${better === 'less' ? 'max.' : 'min.'} ${limit}`;
  const change = before === undefined || before === value ? '' : `${before.toFixed(digits)} → `;
  return `${name} ${change}${value.toFixed(digits)}${unitText(unit)} (${bound})`;
}

function unitText(unit: string): string {
  return unit === '' || unit === '°' ? unit : ` ${unit}`;
}

function comparison(rows: readonly { metric: Metric; value: number; before: number | undefined }[]): string {
  const gains = rows.map(({ metric, value, before }) =>
    before === undefined ? 0 : Math.sign(metric.better === 'less' ? before - value : value - before),
  );
  const better = rows.filter((_, i) => gains[i] === 1).map(({ metric }) => metric.name);
  const worse = rows.filter((_, i) => gains[i] === -1).map(({ metric }) => metric.name);
  if (better.length === 0 && worse.length === 0) return 'All within the limits.';
  if (worse.length === 0) return 'Better than the base run throughout; basis for the next runs.';
  if (better.length === 0) return 'Within the limits, but worse than the base run. Not pursued.';
  return `Within the limits: ${better.join(' and ')} better, ${worse.join(' and ')} worse.`;
}
