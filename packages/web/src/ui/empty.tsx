import type { ReactNode } from 'react';
import css from './notes.module.css';

/** What stands where nothing is: it says so, and teaches the next step. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <section className={css.empty}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
