import { type ErrorCode, errorCatalogue, isMessageKey } from '@daybook/core';
import { useEffect, useState } from 'react';
import { Page } from '../shell/page.tsx';
import { useT } from '../words/language.tsx';
import css from './help.module.css';

const codes = Object.keys(errorCatalogue) as ErrorCode[];

/** Every error that the API answers with, from the catalogue of core. An error's `type` leads to its line here. */
export function ErrorsPage() {
  const t = useT();
  const wanted = useHash();
  useEffect(() => {
    if (wanted !== '') document.getElementById(wanted)?.scrollIntoView({ block: 'center' });
  }, [wanted]);
  return (
    <Page title={t('about.errors')}>
      <p className={css.text}>{t('help.errors.explain')}</p>
      <dl className={css.errors}>
        {codes.map((code) => (
          <div key={code} id={code} data-wanted={code === wanted}>
            <dt>
              <code>{code}</code>
              <span className={css.status}>{errorCatalogue[code].status}</span>
            </dt>
            <dd>{isErrorKey(`error.${code}`) ? t(`error.${code}`) : errorCatalogue[code].title}</dd>
          </div>
        ))}
      </dl>
    </Page>
  );
}

function isErrorKey(key: string): boolean {
  return isMessageKey(key);
}

function useHash(): string {
  const [hash, setHash] = useState(() => location.hash.slice(1));
  useEffect(() => {
    const read = () => setHash(location.hash.slice(1));
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);
  return hash;
}
