import type { ErrorComponentProps } from '@tanstack/react-router';
import { Button } from '../ui/button.tsx';
import { ErrorNote } from '../ui/error-note.tsx';
import { useT } from '../words/language.tsx';
import { Page } from './page.tsx';

/** Stands where a page broke. A server that was updated no longer has the parts of the page before: reloading helps. */
export function PageError({ error }: ErrorComponentProps) {
  const t = useT();
  return (
    <Page title={t('error.page')}>
      <ErrorNote error={error} />
      <p>
        <Button onClick={() => location.reload()}>{t('error.reload')}</Button>
      </p>
    </Page>
  );
}
