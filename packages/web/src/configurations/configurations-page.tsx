import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { configurationsQuery } from '../api/queries.ts';
import { Page } from '../shell/page.tsx';
import { useMay } from '../shell/session.ts';
import { CodeBlock } from '../ui/copy.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { useT } from '../words/language.tsx';
import css from './configurations.module.css';
import { StepWeights } from './step-weights.tsx';

const example = {
  tag: 'my_job',
  name: 'My job',
  steps: [
    { tag: 'prepare', name: 'Prepare', points: 10 },
    { tag: 'solve', name: 'Solve', points: 80 },
  ],
};

/** The recipes of jobs: the latest version of each, with its steps as long as they weigh. */
export function ConfigurationsPage() {
  const t = useT();
  const { data, error, refetch } = useQuery(configurationsQuery);
  const mayWrite = useMay('configurations.write');
  const someones = data?.items.some(({ provider }) => provider) ?? false;
  return (
    <Page
      wide
      title={t('nav.configurations')}
      actions={mayWrite && <Link to="/new-configuration">{t('configurations.new')}</Link>}
    >
      <p className={css.explain}>{t('configurations.explain')}</p>
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && (
        <Empty title={t('configurations.empty')}>
          <p>{t('configurations.empty.explain')}</p>
          <CodeBlock
            code={`curl ${location.origin}/api/v1/configurations \\\n  -H "Authorization: Bearer $DAYBOOK_API_KEY" -H "Content-Type: application/json" \\\n  -d '${JSON.stringify(example)}'`}
          />
        </Empty>
      )}
      {data && data.items.length > 0 && (
        <ScrollBox label={t('nav.configurations')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('field.name')}</th>
                <th scope="col">{t('configurations.tag')}</th>
                {someones && <th scope="col">{t('field.provider')}</th>}
                <th scope="col">{t('field.version')}</th>
                <th scope="col" className={css.wide}>
                  {t('field.steps')}
                </th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((each) => (
                <tr key={each.id}>
                  <td className={css.name}>
                    <Link
                      to="/configurations/$tag"
                      params={{ tag: each.tag }}
                      search={each.provider ? { provider: each.provider } : {}}
                    >
                      {each.name}
                    </Link>
                  </td>
                  <td>
                    <code>{each.tag}</code>
                  </td>
                  {someones && <td>{each.provider}</td>}
                  <td>{each.version}</td>
                  <td>
                    <StepWeights steps={each.steps} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </Page>
  );
}
