import { formatClock, formatCount } from '@daybook/core';
import { timeZone, useT } from '../words/language.tsx';
import { barsOf, chart, peakOf, sumOf } from './flow.ts';
import css from './queue.module.css';

interface FlowChartProps {
  readonly inPerMinute: readonly number[];
  readonly outPerMinute: readonly number[];
  /** When it was asked for, ms. */
  readonly at: number;
}

const minute = 60_000;

/** The last 15 minutes of a configuration: what came in stands on the line, what went out hangs from it. */
export function FlowChart({ inPerMinute, outPerMinute, at }: FlowChartProps) {
  const t = useT();
  const peak = peakOf(inPerMinute, outPerMinute);
  const label = t('queue.flow.alt', {
    in: formatCount(sumOf(inPerMinute), t),
    out: formatCount(sumOf(outPerMinute), t),
  });
  const step = chart.width / Math.max(1, inPerMinute.length);
  return (
    <svg
      className={css.flow}
      viewBox={`0 0 ${chart.width} ${2 * chart.half + 1}`}
      role="img"
      aria-label={label}
    >
      <path d={`M0 ${chart.half + 0.5}h${chart.width}`} className={css.axis} />
      <Bars values={inPerMinute} peak={peak} side="in" />
      <Bars values={outPerMinute} peak={peak} side="out" />
      {inPerMinute.map((count, index) => {
        const time = formatClock(at - (inPerMinute.length - 1 - index) * minute, t, timeZone);
        const text = { time, in: formatCount(count, t), out: formatCount(outPerMinute[index] ?? 0, t) };
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a place is its minute
            key={index}
            x={index * step}
            width={step}
            height={2 * chart.half + 1}
            className={css.minute}
          >
            <title>{t('queue.flow.minute', text)}</title>
          </rect>
        );
      })}
    </svg>
  );
}

interface BarsProps {
  readonly values: readonly number[];
  readonly peak: number;
  readonly side: 'in' | 'out';
}

function Bars({ values, peak, side }: BarsProps) {
  const width = chart.width / Math.max(1, values.length) - chart.gap;
  const bars = barsOf(values, peak, side);
  return (
    <g className={css[side]}>
      {bars.map((bar, index) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: a place is its minute
        bar ? <rect key={index} x={bar.x} y={bar.y} width={width} height={bar.height} /> : null,
      )}
    </g>
  );
}
