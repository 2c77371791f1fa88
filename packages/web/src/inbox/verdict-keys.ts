import type { Assessment } from '@daybook/core';

/** What each key says of the job that is shown. */
export const verdictKeys = [
  { key: 'o', assessment: 'ok', label: 'inbox.ok' },
  { key: 'n', assessment: 'not_ok', label: 'inbox.notOk' },
  { key: 'i', assessment: 'issue', label: 'inbox.issue' },
  { key: 'x', assessment: 'obsolete', label: 'inbox.obsolete' },
] as const satisfies readonly { key: string; assessment: Assessment; label: string }[];
