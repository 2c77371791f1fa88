import type { QueryError } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import { useMay } from '../shell/session.ts';
import { Button } from '../ui/button.tsx';
import { CodeBlock } from '../ui/copy.tsx';
import { Empty } from '../ui/empty.tsx';
import { daybook, settingsOf } from '../words/commands.ts';
import { useT } from '../words/language.tsx';
import css from './jobs-page.module.css';
import { faultText } from './search-options.tsx';
import type { UnreadQuery } from './unread-query.ts';

/** An empty list: a filter that nothing passes, or a diary that is about to begin. */
export function NoJobs({ filtered, onShowNew }: { filtered: boolean; onShowNew: (() => void) | undefined }) {
  const t = useT();
  if (filtered) {
    return (
      <Empty title={t('jobs.noMatch.title')}>
        <p>
          {t('list.noMatch.explain')} <Link to="/">{t('jobs.filter.clear')}</Link>
        </p>
      </Empty>
    );
  }
  return <FirstSteps onShowNew={onShowNew} />;
}

/** In the place of the rows: what is wrong with the search, and where. */
export function UnreadableSearch({
  fault,
  onClear,
}: {
  fault: QueryError;
  onClear: (() => void) | undefined;
}) {
  const t = useT();
  return (
    <Empty title={t('list.unreadable.title')}>
      <p role="alert">{faultText(t, fault)}</p>
      <p>
        <Link to="/help" hash="search">
          {t('search.more')}
        </Link>{' '}
        ·{' '}
        <Link to="/" onClick={onClear}>
          {t('jobs.filter.clear')}
        </Link>
      </p>
    </Empty>
  );
}

/** Above rows that are those of the query before: why they do not follow what stands in the box. */
export function LastSearch({ unread: { fault, drop } }: { unread: UnreadQuery }) {
  const t = useT();
  return (
    <p role="status" className={css.lastSearch}>
      {t('list.lastSearch')} {faultText(t, fault)}{' '}
      <Button look="plain" onClick={drop}>
        {t('list.lastSearch.back')}
      </Button>
    </p>
  );
}

function FirstSteps({ onShowNew }: { onShowNew: (() => void) | undefined }) {
  const t = useT();
  const mayMakeKeys = useMay('keys.manage');
  const origin = location.origin;
  return (
    <Empty title={t('jobs.empty.title')}>
      {onShowNew && (
        <p>
          <Button look="main" onClick={onShowNew}>
            {t('list.empty.first')}
          </Button>
        </p>
      )}
      <p>{t('jobs.empty.explain')}</p>
      <p>
        {t('jobs.empty.key')}{' '}
        {mayMakeKeys ? <Link to="/keys">{t('keys.create')}</Link> : t('list.empty.askForKey')}
      </p>
      <CodeBlock
        label={t('jobs.empty.command')}
        code={`${settingsOf()}\n${daybook} run --name "my first job" -- tar -czf /tmp/docs.tar.gz docs`}
      />
      <CodeBlock
        label={t('jobs.empty.http')}
        code={`curl ${origin}/api/v1/jobs \\\n  -H "Authorization: Bearer $DAYBOOK_API_KEY" \\\n  -H "Content-Type: application/json" \\\n  -d '{"name": "my first job", "kind": "script", "status": "running"}'`}
      />
      <CodeBlock
        label={t('jobs.empty.typescript')}
        code={`import { Daybook } from '@daybook/sdk';\n\nconst daybook = new Daybook();\nawait using job = await daybook.createJob({ name: 'my first job' });\nawait job.step('work', async (step) => {\n  step.progress(50);\n});`}
      />
      <p>{t('jobs.empty.demo')}</p>
    </Empty>
  );
}
