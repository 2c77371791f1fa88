import type { Translate } from '@daybook/core';
import { ApiError } from '../api/client.ts';
import type { ConfigurationDraft } from './configuration-draft.ts';

/** What is wrong, by the path of its field: `version`, `steps[2].points`. */
export type FieldFaults = Readonly<Record<string, string>>;

/** Steps of one tag, which could not be compared with anything. */
export function repeatedTags({ steps }: Pick<ConfigurationDraft, 'steps'>, t: Translate): FieldFaults {
  const tags = steps.map(({ tag }) => tag);
  const again = tags.map((tag, index) => ({ index, first: tags.indexOf(tag) }));
  return Object.fromEntries(
    again
      .filter(({ index, first }) => index !== first)
      .map(({ index, first }) => [
        `steps[${index}].tag`,
        t('configurations.step.tagTaken', { number: first + 1 }),
      ]),
  );
}

/**
 * The faults that the API told, at the fields of the form. None if one of them is of no field here: then the whole
 * answer is to be shown.
 */
export function fieldFaultsOf(
  error: unknown,
  { steps }: Pick<ConfigurationDraft, 'steps'>,
  isNew: boolean,
  t: Translate,
): FieldFaults {
  if (!(error instanceof ApiError)) return {};
  if (error.code === 'already_exists')
    return {
      [isNew ? 'tag' : 'version']: t(isNew ? 'configurations.tagTaken' : 'configurations.versionTaken'),
    };
  const fields = new Set([
    'name',
    'tag',
    'version',
    ...steps.flatMap((_, index) => ['name', 'tag', 'points'].map((field) => `steps[${index}].${field}`)),
  ]);
  const faults = error.problem.errors ?? [];
  if (!faults.every(({ path }) => fields.has(path))) return {};
  return Object.fromEntries(faults.map(({ path, message }) => [path, message]));
}
