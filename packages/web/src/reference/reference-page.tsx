import { queryOptions, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { call } from '../api/client.ts';
import { Page } from '../shell/page.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { TextField } from '../ui/field.tsx';
import { useT } from '../words/language.tsx';
import { findOperations, type OpenApi, type Operation, operationsOf } from './openapi.ts';
import { OperationEntry } from './operation-entry.tsx';
import css from './reference.module.css';
import { SchemaTable } from './schema-table.tsx';

const route = getRouteApi('/api');

const documentQuery = queryOptions({
  queryKey: ['openapi'],
  queryFn: ({ signal }) => call<OpenApi>('/openapi.json', { signal }),
});

/** The API as it describes itself: grouped, searchable, with schemas and calls to copy. */
export function ReferencePage() {
  const t = useT();
  const { find = '' } = route.useSearch();
  const navigate = useNavigate({ from: '/api' });
  const { data: document, error, refetch } = useQuery(documentQuery);
  const operations = useMemo(() => (document ? operationsOf(document) : []), [document]);
  const found = findOperations(operations, find);
  const groups = [...new Set(found.map((each) => each.group))];
  useScrollToHash(document !== undefined);
  return (
    <Page wide title={t('nav.api')}>
      <p className={css.explain}>
        {t('api.explain')} <a href="/api/v1/openapi.json">openapi.json</a>
      </p>
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {document && (
        <div className={css.columns}>
          <nav className={css.side} aria-label={t('api.operations')}>
            <TextField
              label={t('api.find')}
              type="search"
              value={find}
              onChange={(event) =>
                void navigate({
                  search: { find: event.target.value || undefined },
                  replace: true,
                  resetScroll: false,
                })
              }
            />
            {groups.map((group) => (
              <Group key={group} name={group} operations={found.filter((each) => each.group === group)} />
            ))}
            {found.length === 0 && <p className={css.explain}>{t('shell.open.nothing')}</p>}
          </nav>
          <div className={css.main}>
            {groups.map((group) => (
              <section key={group} className={css.section}>
                <h2>{group}</h2>
                {found
                  .filter((each) => each.group === group)
                  .map((operation) => (
                    <OperationEntry
                      key={operation.id}
                      operation={operation}
                      document={document}
                      open={find !== '' && found.length === 1}
                    />
                  ))}
              </section>
            ))}
            {find === '' && <Schemas document={document} />}
          </div>
        </div>
      )}
    </Page>
  );
}

function Group({ name, operations }: { name: string; operations: readonly Operation[] }) {
  return (
    <section>
      <h2 className={css.groupName}>{name}</h2>
      <ul>
        {operations.map((operation) => (
          <li key={operation.id}>
            <a href={`#${operation.id}`} className={css.jump}>
              {operation.summary || operation.path}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Schemas({ document }: { document: OpenApi }) {
  const t = useT();
  const schemas = Object.entries(document.components?.schemas ?? {});
  if (schemas.length === 0) return null;
  return (
    <section className={css.section}>
      <h2>{t('api.schemas')}</h2>
      {schemas.map(([name, schema]) => (
        <details key={name} id={`schema-${name}`} className={css.entry}>
          <summary>
            <code>{name}</code>
          </summary>
          <div className={css.body}>
            <SchemaTable schema={schema} document={document} />
          </div>
        </details>
      ))}
    </section>
  );
}

/** A link to an operation or a schema opens it. */
function useScrollToHash(ready: boolean): void {
  useEffect(() => {
    if (!ready) return;
    const open = () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (target instanceof HTMLDetailsElement) target.open = true;
      target?.scrollIntoView({ block: 'start' });
    };
    if (location.hash !== '') open();
    addEventListener('hashchange', open);
    return () => removeEventListener('hashchange', open);
  }, [ready]);
}
