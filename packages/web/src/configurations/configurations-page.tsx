import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { configurationsQuery } from '../api/queries.ts';
import type { StoredConfiguration } from '../api/wire.ts';
import { Page } from '../shell/page.tsx';
import { useMay } from '../shell/session.ts';
import { CodeBlock } from '../ui/copy.tsx';
import { type Column, DataTable } from '../ui/data-table.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
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
      {data && data.items.length > 0 && <ConfigurationTable configurations={data.items} />}
    </Page>
  );
}

function ConfigurationTable({ configurations }: { configurations: readonly StoredConfiguration[] }) {
  const t = useT();
  const someones = configurations.some(({ provider }) => provider);
  const columns: Column<StoredConfiguration>[] = [
    { key: 'name', head: t('field.name'), look: 'lead', cell: (each) => <Name configuration={each} /> },
    { key: 'tag', head: t('configurations.tag'), cell: ({ tag }) => <code>{tag}</code> },
    ...(someones
      ? [
          {
            key: 'provider',
            head: t('field.provider'),
            cell: ({ provider }: StoredConfiguration) => provider,
          },
        ]
      : []),
    { key: 'version', head: t('field.version'), cell: ({ version }) => version },
    {
      key: 'steps',
      head: t('field.steps'),
      look: 'wide',
      cell: ({ steps }) => <StepWeights steps={steps} />,
    },
  ];
  return (
    <DataTable
      label={t('nav.configurations')}
      columns={columns}
      rows={configurations}
      keyOf={({ id }) => id}
    />
  );
}

function Name({ configuration: { tag, name, provider } }: { configuration: StoredConfiguration }) {
  return (
    <Link to="/configurations/$tag" params={{ tag }} search={provider ? { provider } : {}}>
      {name}
    </Link>
  );
}
