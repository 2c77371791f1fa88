import { type ReactNode, useEffect } from 'react';
import { useT } from '../words/language.tsx';
import css from './page.module.css';

interface PageProps {
  readonly title: string;
  readonly children: ReactNode;
  /** What stands at the right end of the heading. */
  readonly actions?: ReactNode;
  /** Text pages keep a readable measure; tables take what there is. */
  readonly wide?: boolean;
}

/** Sets the title of the window, most telling part first. */
export function useTitle(title: string): void {
  const name = useT()('app.name');
  useEffect(() => {
    document.title = title === name ? name : `${title} · ${name}`;
  }, [title, name]);
}

/** A page with a heading. */
export function Page({ title, children, actions, wide }: PageProps) {
  useTitle(title);
  return (
    <main id="content" className={wide ? css.wide : css.page} tabIndex={-1}>
      <header className={css.head}>
        <h1>{title}</h1>
        {actions}
      </header>
      {children}
    </main>
  );
}
