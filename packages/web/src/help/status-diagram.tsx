import type { JobStatus, TransitionCause } from '@daybook/core';
import { ScrollBox } from '../ui/scroll-box.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { useT } from '../words/language.tsx';
import css from './status-diagram.module.css';
import { type Arrow, groupStatuses, type StatusGroup } from './status-groups.ts';

/** Where a box stands. Only the places are ours; boxes and arrows come from the table. */
interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const places: Partial<Record<JobStatus, readonly [x: number, y: number]>> = {
  unknown: [8, 112],
  queued: [176, 112],
  running: [344, 112],
  finished: [512, 112],
  succeeded: [680, 76],
};
const rowHeight = 24;
const width = 112;

const { groups, arrows } = groupStatuses();

/** The life of a job, drawn from the transition table of core. */
export function StatusDiagram() {
  const t = useT();
  return (
    <figure className={css.figure}>
      <ScrollBox label={t('help.transitions')}>
        <svg viewBox="0 0 800 270" className={css.diagram} role="img" aria-label={t('help.transitions.alt')}>
          <defs>
            <marker
              id="arrow-head"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="7"
              markerHeight="7"
              orient="auto-start-reverse"
            >
              <path d="M0 0.5L8 4L0 7.5z" className={css.head} />
            </marker>
          </defs>
          {arrows.map((arrow) => (
            <ArrowPath key={`${arrow.from} ${arrow.to}`} arrow={arrow} />
          ))}
          {groups.map((group) => (
            <Box key={group.join()} group={group} />
          ))}
        </svg>
      </ScrollBox>
      <figcaption className={css.legend}>
        {(['report', 'source', 'retry', 'correction'] as const).map((cause) => (
          <span key={cause}>
            <svg viewBox="0 0 28 8" width="28" height="8" aria-hidden="true">
              <path d="M0 4h28" className={`${css.arrow} ${css[cause]}`} />
            </svg>
            {t(`cause.${cause}`)}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function placeOf(group: StatusGroup): Place {
  const [x, y] = places[group[0] ?? 'unknown'] ?? [20, 180];
  return { x, y, width, height: group.length * rowHeight + 12 };
}

function Box({ group }: { group: StatusGroup }) {
  const t = useT();
  const { x, y, width, height } = placeOf(group);
  return (
    <g transform={`translate(${x} ${y})`}>
      <rect width={width} height={height} rx="4" className={css.box} />
      {group.map((status, index) => (
        <g key={status} transform={`translate(12 ${6 + index * rowHeight})`}>
          <svg x="0" y="6" width="12" height="12" aria-hidden="true">
            <StatusMark status={status} progress={35} />
          </svg>
          <text x="20" y="16" className={css.word}>
            {t(`status.${status}`)}
          </text>
        </g>
      ))}
    </g>
  );
}

/** How an arrow is drawn: whoever may cause it, the plainest of them decides. */
function lookOf(causes: readonly TransitionCause[]): TransitionCause {
  return (
    (['report', 'source', 'retry', 'correction'] as const).find((cause) => causes.includes(cause)) ?? 'report'
  );
}

function ArrowPath({ arrow }: { arrow: Arrow }) {
  const from = groups[arrow.from];
  const to = groups[arrow.to];
  if (!from || !to) return null;
  return (
    <path
      d={arrow.from === arrow.to ? loop(placeOf(from)) : arc(placeOf(from), placeOf(to))}
      className={`${css.arrow} ${css[lookOf(arrow.causes)]}`}
      markerEnd="url(#arrow-head)"
    />
  );
}

/** Forwards straight or above, backwards below; the further, the higher, so that arrows seldom cross. */
function arc(a: Place, b: Place): string {
  const middle = a.y + a.height / 2;
  const boxes = Math.round(Math.abs(b.x - a.x) / 168);
  const depth = 22 + boxes * 22;
  if (b.x > a.x) {
    if (boxes === 1) return `M${a.x + a.width} ${middle}H${b.x - 1}`;
    const [x1, x2] = [a.x + a.width * (0.35 + boxes * 0.12), b.x + b.width * (0.62 - boxes * 0.13)];
    return `M${x1} ${a.y}C${x1} ${a.y - depth} ${x2} ${b.y - depth} ${x2} ${b.y - 1}`;
  }
  const [x1, x2] = [a.x + a.width * (0.7 - boxes * 0.13), b.x + b.width * (0.35 + boxes * 0.12)];
  const [y1, y2] = [a.y + a.height, b.y + b.height];
  return `M${x1} ${y1}C${x1} ${y1 + depth} ${x2} ${y2 + depth} ${x2} ${y2 + 1}`;
}

function loop({ x, y, width: w, height: h }: Place): string {
  return `M${x + w * 0.85} ${y + h}c0 30 -24 30 -24 1`;
}
