import { jobStatuses, type TransitionCause, transitions } from '@daybook/core';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { useT } from '../words/language.tsx';

/** The transition table of core, cell by cell. */
export function TransitionTable() {
  const t = useT();
  return (
    <ScrollBox label={t('help.transitions.table')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('help.transitions.from')}</th>
            {jobStatuses.map((to) => (
              <th key={to} scope="col">
                {t(`status.${to}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {jobStatuses.map((from) => (
            <tr key={from}>
              <th scope="row">{t(`status.${from}`)}</th>
              {jobStatuses.map((to) => (
                <td key={to}>
                  {wordsOf(transitions[from][to]?.length ?? 0, transitions[from][to] ?? [], t)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function wordsOf(count: number, causes: readonly TransitionCause[], t: ReturnType<typeof useT>): string {
  if (count === 0) return '';
  if (count > 2) return t('cause.any');
  return causes.map((cause) => t(`cause.${cause}.short`)).join(', ');
}
