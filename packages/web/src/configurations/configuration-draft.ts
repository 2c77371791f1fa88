import type { StepConfiguration } from '@daybook/core';
import { useCallback, useState } from 'react';
import type { StoredConfiguration } from '../api/wire.ts';
import { storedText } from '../ui/stored-text.ts';
import { compareVersions } from './compare-versions.ts';

/** A step as it stands in the form: points are what was typed, the key stays with it wherever it moves. */
export interface DraftStep extends Omit<StepConfiguration, 'points'> {
  readonly key: number;
  readonly points: string;
}

/** What a person made of a configuration and has not saved yet. */
export interface ConfigurationDraft {
  /** The version that it was made from; null is from nothing. */
  readonly from: string | null;
  readonly tag: string;
  readonly name: string;
  /** What it shall be called; null is what Daybook proposes. */
  readonly version: string | null;
  readonly steps: readonly DraftStep[];
}

const emptyStep = { tag: '', name: '', points: '' };

/** What the form starts with: the latest version, or one step of nothing. */
export function draftOf(latest: StoredConfiguration | undefined): ConfigurationDraft {
  if (latest === undefined)
    return { from: null, tag: '', name: '', version: null, steps: [{ ...emptyStep, key: 0 }] };
  const steps = latest.steps.map((step, key): DraftStep => ({ ...step, key, points: String(step.points) }));
  return { from: latest.version, tag: latest.tag, name: latest.name, version: null, steps };
}

/** The steps as the API takes them; nothing is no number, which it will tell. */
export function stepsOf({ steps }: ConfigurationDraft): StepConfiguration[] {
  return steps.map(({ key: _, points, ...step }) => ({
    ...step,
    points: points.trim() === '' ? Number.NaN : Number(points),
  }));
}

export function withStep(draft: ConfigurationDraft): ConfigurationDraft {
  const key = Math.max(-1, ...draft.steps.map((step) => step.key)) + 1;
  return { ...draft, steps: [...draft.steps, { ...emptyStep, key }] };
}

/** With a step one place up (-1) or down (1); at the ends it stays. */
export function withStepMoved(draft: ConfigurationDraft, index: number, by: -1 | 1): ConfigurationDraft {
  const steps = [...draft.steps];
  const [step] = steps.splice(index, 1);
  if (step === undefined || index + by < 0 || index + by > steps.length) return draft;
  steps.splice(index + by, 0, step);
  return { ...draft, steps };
}

/** True if it says nothing else than the version that it would follow. */
export function saysTheSame(draft: ConfigurationDraft, latest: StoredConfiguration): boolean {
  const pairs = compareVersions(latest.steps, stepsOf(draft));
  return draft.name === latest.name && pairs.every(({ changes }) => changes.length === 0);
}

/** The draft under a name. It outlives reload, sign-out and a server that is away. */
export function useConfigurationDraft(
  name: string,
): [ConfigurationDraft | undefined, (draft: ConfigurationDraft | undefined) => void] {
  const key = `daybook.configuration.${name}`;
  const [draft, setDraft] = useState(() => readDraft(key));
  const keep = useCallback(
    (next: ConfigurationDraft | undefined) => {
      storedText(key).set(next ? JSON.stringify(next) : null);
      setDraft(next);
    },
    [key],
  );
  return [draft, keep];
}

function readDraft(key: string): ConfigurationDraft | undefined {
  try {
    const draft: unknown = JSON.parse(storedText(key).get() ?? 'null');
    return isDraft(draft) ? draft : undefined;
  } catch {
    return undefined;
  }
}

function isDraft(value: unknown): value is ConfigurationDraft {
  return typeof value === 'object' && value !== null && 'steps' in value && Array.isArray(value.steps);
}
