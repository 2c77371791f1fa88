import type { JobStatus } from '@daybook/core';
import { useId } from 'react';
import hue from './status-hue.module.css';
import css from './status-mark.module.css';

/**
 * The shape of a status (ui.md, principle 4): told apart without colour. Running fills with its progress. The word always
 * stands beside it, so the shape says nothing to a screen reader.
 */
export function StatusMark({ status, progress = 0 }: { status: JobStatus; progress?: number }) {
  return (
    <svg className={`${css.mark} ${hue[status]}`} viewBox="0 0 12 12" aria-hidden="true">
      <Shape status={status} progress={progress} />
    </svg>
  );
}

function Shape({ status, progress }: { status: JobStatus; progress: number }) {
  const clip = useId();
  switch (status) {
    case 'queued':
      return <circle cx="6" cy="6" r="4.75" className={css.stroke} strokeDasharray="1.9 1.83" />;
    case 'running':
      return (
        <>
          <circle cx="6" cy="6" r="4.75" className={css.stroke} />
          <circle
            cx="6"
            cy="6"
            r="1.6"
            className={css.pie}
            pathLength="100"
            strokeDasharray={`${Math.max(4, progress)} 100`}
            transform="rotate(-90 6 6)"
          />
        </>
      );
    case 'succeeded':
      return <circle cx="6" cy="6" r="5.25" className={css.fill} />;
    case 'failed':
      return <path d="M2 2l8 8M10 2l-8 8" className={css.bold} />;
    case 'finished':
      return (
        <>
          <clipPath id={clip}>
            <rect width="6" height="12" />
          </clipPath>
          <circle cx="6" cy="6" r="4.75" className={css.stroke} />
          <circle cx="6" cy="6" r="4.75" className={css.fill} clipPath={`url(#${clip})`} />
        </>
      );
    case 'canceled':
      return (
        <>
          <circle cx="6" cy="6" r="4.75" className={css.stroke} />
          <path d="M2.8 9.2l6.4-6.4" className={css.stroke} />
        </>
      );
    case 'other':
      return <path d="M6 1l5 5-5 5-5-5z" className={css.stroke} />;
    case 'unknown':
      return <path d="M3.4 4a2.6 2.6 0 1 1 3.7 2.4Q6 7 6 8.2M6 10.4v.9" className={css.stroke} />;
  }
}
