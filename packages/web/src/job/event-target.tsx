import type { JobEvent } from '@daybook/core';
import { useT } from '../words/language.tsx';
import { eventTarget } from './event-text.ts';
import css from './timeline.module.css';

/** The file or the link that an event is about; nothing for others. */
export function EventTarget({ event }: { event: JobEvent }) {
  const target = eventTarget(event, useT());
  if (!target) return null;
  return (
    <>
      {target.href === undefined ? (
        <span title={target.title}>{target.name}</span>
      ) : (
        <a href={target.href} target="_blank" rel="noopener noreferrer">
          {target.name}
        </a>
      )}
      {target.note && <span className={css.note}> · {target.note}</span>}
    </>
  );
}
