import type { BulkAction, BulkOutcome, Translate } from '@daybook/core';

/** In the order that they are offered: the mildest first. */
export const offeredActions = ['retry', 'requeue', 'cancel'] as const satisfies readonly BulkAction[];

type Skipped = BulkOutcome['skipped'][number];

/** What is left out, as one plain sentence: "3 are left as they are: 2 have not ended yet and 1 has …". */
export function skippedText(skipped: readonly Skipped[], t: Translate): string {
  const all = skipped.filter(({ count }) => count > 0);
  if (all.length === 0) return '';
  const reasons = all.map(({ reason, count }) => t(`bulk.skipped.${reason}`, { count }));
  const list = new Intl.ListFormat(t.locale, { type: 'conjunction' }).format(reasons);
  return t('bulk.skipped', { count: all.reduce((sum, each) => sum + each.count, 0), reasons: list });
}
