import { type ComparisonGroup, dash, formatDuration, isMessageKey } from '@daybook/core';
import { useT } from '../words/language.tsx';

/** What a row of a comparison is called. */
export function useRowName(): (group: ComparisonGroup, name: string) => string {
  const t = useT();
  return (group, name) => {
    if (group === 'times') return t(name === 'waited' ? 'compare.waited' : 'compare.ran');
    if (group !== 'job' && group !== 'verdict') return name;
    const key = `field.${name}`;
    return isMessageKey(key) ? t(key as 'field.name') : name;
  };
}

/** A value of a comparison as people read it. */
export function useCellText(): (group: ComparisonGroup, name: string, value: unknown) => string {
  const t = useT();
  return (group, name, value) => {
    if (value === null && name === 'assessment') return t('assessment.none');
    if (value === null || value === undefined || value === '') return dash;
    if (group === 'times' || group === 'steps') return formatDuration(Number(value) * 1_000, t);
    if (name === 'status' && group === 'job') return t(`status.${value as 'failed'}`);
    if (name === 'assessment') return t(`assessment.${value as 'ok'}`);
    if (name === 'analysisStatus') return t(`analysisStatus.${value as 'open'}`);
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
}
