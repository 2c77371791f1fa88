import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { configurationVersionsQuery } from '../api/queries.ts';
import { Page } from '../shell/page.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { useT } from '../words/language.tsx';
import { ConfigurationForm } from './configuration-form.tsx';
import css from './configurations.module.css';

const route = getRouteApi('/configurations/$tag/edit');

/** The next version of a configuration, by hand. */
export function EditConfigurationPage() {
  const t = useT();
  const { tag } = route.useParams();
  const { provider } = route.useSearch();
  const { data, error, refetch } = useQuery(configurationVersionsQuery(tag, provider));
  const [latest] = data?.items ?? [];
  return (
    <Page wide title={t('configurations.edit', { name: latest?.name ?? tag })}>
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {data && latest && (
        <>
          <p className={css.explain}>{t('configurations.edit.explain')}</p>
          <ConfigurationForm key={`${provider} ${tag}`} versions={data.items} />
        </>
      )}
    </Page>
  );
}

/** A configuration from nothing. */
export function NewConfigurationPage() {
  const t = useT();
  return (
    <Page wide title={t('configurations.new')}>
      <p className={css.explain}>{t('configurations.explain')}</p>
      <ConfigurationForm versions={[]} />
    </Page>
  );
}
