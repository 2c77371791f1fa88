import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { configurationHistoryQuery, configurationVersionsQuery } from '../api/queries.ts';
import type { StoredConfiguration } from '../api/wire.ts';
import { Page } from '../shell/page.tsx';
import { useMay } from '../shell/session.ts';
import { ErrorNote } from '../ui/error-note.tsx';
import { useT } from '../words/language.tsx';
import css from './configurations.module.css';
import { MeasurePoints } from './measure-points.tsx';
import { Foretold, RealDurations } from './real-durations.tsx';
import { VersionComparison } from './version-comparison.tsx';
import { VersionTable } from './version-table.tsx';

const route = getRouteApi('/configurations/$tag');

/** One configuration: what its steps weigh and really take, and its versions, newest first. */
export function ConfigurationPage() {
  const t = useT();
  const { tag } = route.useParams();
  const { provider } = route.useSearch();
  const versions = useQuery(configurationVersionsQuery(tag, provider));
  const history = useQuery(configurationHistoryQuery(tag, provider));
  const mayWrite = useMay('configurations.write');
  const error = versions.error ?? history.error;
  const items = versions.data?.items ?? [];
  const [latest] = items;
  // What comes with Daybook is as Daybook needs it.
  const mayChange = mayWrite && latest?.createdBy !== 'daybook';
  return (
    <Page
      wide
      title={latest?.name ?? tag}
      actions={
        <div className={css.verbs}>
          <Link to="/" search={{ configuration: [tag] }}>
            {t('configurations.jobs')}
          </Link>
          {latest && mayChange && (
            <Link
              to="/configurations/$tag/edit"
              params={{ tag }}
              search={latest.provider ? { provider: latest.provider } : {}}
            >
              {t('action.edit')}
            </Link>
          )}
          {mayChange && history.data && <MeasurePoints versions={items} history={history.data} />}
        </div>
      }
    >
      {error && <ErrorNote error={error} onRetry={() => void versions.refetch()} />}
      {latest && (
        <>
          <p className={css.identity}>
            <code>{tag}</code>
            {latest.provider && ` · ${t('field.provider')} ${latest.provider}`}
          </p>
          <RealDurations configuration={latest} history={history.data} />
          {history.data && <Foretold estimates={history.data.estimates} />}
          <VersionTable versions={items} history={history.data} />
          <Comparison versions={items} />
        </>
      )}
    </Page>
  );
}

/** The newest beside the one before, if the address says nothing else. */
function Comparison({ versions }: { versions: readonly StoredConfiguration[] }) {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/configurations/$tag' });
  const named = (version: string | undefined) => versions.find((each) => each.version === version);
  const after = named(search.after) ?? versions[0];
  const before = named(search.before) ?? versions[1];
  if (before === undefined || after === undefined) return null;
  return (
    <VersionComparison
      versions={versions}
      before={before}
      after={after}
      onChoose={(chosen) =>
        void navigate({ search: (old) => ({ ...old, ...chosen }), replace: true, resetScroll: false })
      }
    />
  );
}
