import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { configurationVersionsQuery } from '../api/queries.ts';
import type { StoredConfiguration } from '../api/wire.ts';
import { Page } from '../shell/page.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { Ago } from '../ui/time.tsx';
import { useT } from '../words/language.tsx';
import css from './configurations.module.css';
import { StepWeights } from './step-weights.tsx';

const route = getRouteApi('/configurations/$tag');

/** One configuration in all of its versions, newest first. */
export function ConfigurationPage() {
  const t = useT();
  const { tag } = route.useParams();
  const { data, error, refetch } = useQuery(configurationVersionsQuery(tag));
  return (
    <Page
      wide
      title={data?.items[0]?.name ?? tag}
      actions={
        <Link to="/" search={{ configuration: [tag] }}>
          {t('configurations.jobs')}
        </Link>
      }
    >
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data?.items.map((version) => (
        <Version key={version.version} configuration={version} />
      ))}
    </Page>
  );
}

function Version({ configuration }: { configuration: StoredConfiguration }) {
  const t = useT();
  const all = configuration.steps.reduce((sum, step) => sum + step.points, 0);
  return (
    <section className={css.version}>
      <h2>
        {configuration.version}
        <span className={css.aside}>
          {t('field.createdAt')} <Ago at={configuration.createdAt} />
        </span>
      </h2>
      <StepWeights steps={configuration.steps} />
      <ScrollBox label={configuration.version}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('field.step')}</th>
              <th scope="col">{t('configurations.tag')}</th>
              <th scope="col" className={css.end}>
                {t('field.points')}
              </th>
              <th scope="col" className={css.end}>
                {t('configurations.share')}
              </th>
            </tr>
          </thead>
          <tbody>
            {configuration.steps.map((step) => (
              <tr key={step.tag}>
                <td>{step.name}</td>
                <td>
                  <code>{step.tag}</code>
                </td>
                <td className={css.end}>{step.points}</td>
                <td className={css.end}>{all > 0 ? `${Math.round((step.points / all) * 100)} %` : ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </section>
  );
}
