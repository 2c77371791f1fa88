import type { Permission } from '@daybook/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useT } from '../words/language.tsx';
import { Page } from './page.tsx';
import { useMay } from './session.ts';

interface OnlyForProps {
  readonly permission: Permission;
  /** What the page is called, also to those who may not see it. */
  readonly title: string;
  readonly children: ReactNode;
}

/** A page for those who may see it. Others, who came by an address or a key, are told; nothing is asked for them. */
export function OnlyFor({ permission, title, children }: OnlyForProps) {
  const t = useT();
  if (useMay(permission)) return children;
  return (
    <Page title={title}>
      <p>{t('error.forbidden')}</p>
      <p>
        <Link to="/">{t('nav.back')}</Link>
      </p>
    </Page>
  );
}
