import { Link } from '@tanstack/react-router';
import { Empty } from '../ui/empty.tsx';
import { useT } from '../words/language.tsx';
import { Page } from './page.tsx';

/** What stands where somebody came by an address or a key who may not see the page; nothing is asked for it. */
export function NotAllowed() {
  const t = useT();
  return (
    <Page title={t('notAllowed.title')}>
      <Empty title={t('error.forbidden')}>
        <p>
          <Link to="/">{t('nav.back')}</Link>
        </p>
      </Empty>
    </Page>
  );
}
