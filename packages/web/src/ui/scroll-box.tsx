import type { ReactNode } from 'react';
import css from './scroll-box.module.css';

/** Something that may be wider than the screen: it scrolls by itself, also by keyboard. */
export function ScrollBox({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={css.box} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
