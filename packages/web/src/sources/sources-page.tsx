import type { Source } from '@daybook/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Page } from '../shell/page.tsx';
import { RoomLinks } from '../shell/room-links.tsx';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/copy.tsx';
import { Empty } from '../ui/empty.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { daybook, settingsOf } from '../words/commands.ts';
import { useT } from '../words/language.tsx';
import { SourceCard } from './source-card.tsx';
import { SourceForm } from './source-form.tsx';
import { sourcesQuery } from './source-queries.ts';

/** Where jobs come from by themselves: how each source is, and what it could not read. */
export function SourcesPage() {
  const t = useT();
  const { data, error, refetch } = useQuery(sourcesQuery);
  const [edited, setEdited] = useState<Source | 'new'>();
  return (
    <Page
      wide
      title={t('nav.sources')}
      actions={
        <Button look="main" onClick={() => setEdited('new')}>
          {t('source.add')}
        </Button>
      }
    >
      <RoomLinks />
      {error && <ErrorNote error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton />}
      {data?.items.length === 0 && <NoSources />}
      {data?.items.map((source) => (
        <SourceCard key={source.id} source={source} onEdit={() => setEdited(source)} />
      ))}
      {edited && (
        <SourceForm source={edited === 'new' ? undefined : edited} onClose={() => setEdited(undefined)} />
      )}
    </Page>
  );
}

function NoSources() {
  const t = useT();
  return (
    <Empty title={t('source.none.title')}>
      <p>{t('source.none.explain')}</p>
      <CodeBlock
        code={`${settingsOf()}\n${daybook} source add pipeline tracker-files --set directory=/data/jobs`}
      />
      <p>{t('source.none.sync')}</p>
      <CodeBlock code={`${settingsOf()}\n${daybook} sync /data/jobs`} />
    </Empty>
  );
}
