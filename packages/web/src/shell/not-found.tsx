import { Link } from '@tanstack/react-router';
import { Empty } from '../ui/empty.tsx';
import { useT } from '../words/language.tsx';
import { Page } from './page.tsx';

export function NotFound() {
  const t = useT();
  return (
    <Page title={t('notFound.title')}>
      <Empty title={t('notFound.explain')}>
        <p>
          <Link to="/">{t('nav.back')}</Link>
        </p>
      </Empty>
    </Page>
  );
}
