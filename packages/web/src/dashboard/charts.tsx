import { formatDuration, type JobStatus, type Statistics, type Translate } from '@daybook/core';
import { useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { StatisticsSearch } from '../api/diary-queries.ts';
import { useTheme } from '../shell/theme.ts';
import { useOpenList } from '../ui/list-link.tsx';
import { useT } from '../words/language.tsx';
import css from './dashboard.module.css';
import { filterOf } from './links.ts';
import { drawnEnds, endAt, topOf } from './marks.ts';

interface ChartsProps {
  readonly data: Statistics;
  readonly search: StatisticsSearch;
}

/** Jobs that ended, by how, and the medians of their waiting and run times. A click opens the jobs that the mark counts. */
export function Charts({ data, search }: ChartsProps) {
  const t = useT();
  const open = useOpenList();
  const openMark = (span: Span, status: JobStatus | undefined) =>
    open(filterOf(search, span, status && { status }));
  return (
    <div className={css.charts}>
      <Chart title={t('dashboard.throughput')} data={data} make={throughput} onOpen={openMark} />
      <Chart title={t('dashboard.times')} data={data} make={times} onOpen={openMark} />
    </div>
  );
}

type Span = Statistics['spans'][number];
type Open = (span: Span, status: JobStatus | undefined) => void;

interface Drawing {
  readonly series: uPlot.Series[];
  readonly values: (number | null)[][];
  readonly axis: uPlot.Axis;
  readonly legend: readonly { readonly name: string; readonly hue: string }[];
  /** What a mark counts at this height, where marks stand on each other. */
  at?(span: Span, height: number): JobStatus | undefined;
}

type Make = (data: Statistics, t: Translate, hue: (name: string) => string) => Drawing;

function Chart({ title, data, make, onOpen }: { title: string; data: Statistics; make: Make; onOpen: Open }) {
  const t = useT();
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const opened = useRef(onOpen);
  opened.current = onOpen;
  const legend = useMemo(() => make(data, t, String).legend, [make, data, t]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are those of the theme
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const drawing = make(data, t, (name) => hueOf(element, name));
    const plot = new uPlot(
      optionsOf(drawing, element, data, t),
      [data.spans.map((_, index) => index), ...drawing.values] as uPlot.AlignedData,
      element,
    );
    const click = ({ offsetX, offsetY }: MouseEvent) => {
      const span = data.spans[Math.round(plot.posToVal(offsetX, 'x'))];
      if (span) opened.current(span, drawing.at?.(span, plot.posToVal(offsetY, 'y')));
    };
    plot.over.addEventListener('click', click);
    const watch = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [data, make, t, theme]);
  return (
    <figure className={css.chart}>
      <figcaption>
        <h2>{title}</h2>
        <span className={css.legend}>
          {legend.map(({ name, hue }) => (
            <span key={name}>
              <span className={css.key} style={{ background: `var(${hue})` }} /> {name}
            </span>
          ))}
        </span>
      </figcaption>
      {/* The table below the charts says the same to those who cannot see them. */}
      <div ref={box} className={css.plot} aria-hidden="true" />
    </figure>
  );
}

const height = 220;

/** Every how many days or weeks one is named. */
const steps = [1, 2, 3, 7, 14, 28, 56, 112, 224, 448];

function optionsOf(
  { series, axis }: Drawing,
  element: HTMLElement,
  data: Statistics,
  t: Translate,
): uPlot.Options {
  const grid = { stroke: hueOf(element, '--hairline'), width: 1 };
  const text = { stroke: hueOf(element, '--ink-3'), font: '11px system-ui, sans-serif' };
  const day = new Intl.DateTimeFormat(t.locale, { timeZone: data.timeZone, day: 'numeric', month: 'short' });
  return {
    width: element.clientWidth || 600,
    height,
    legend: { show: false },
    cursor: { points: { show: false }, drag: { setScale: false, x: false, y: false }, y: false },
    scales: {
      // Each day or week is as wide as any other, and its marks stand in its middle: those of the last one, too.
      x: { time: false, range: [-0.5, data.spans.length - 0.5] },
      y: { range: (_, _min, max) => [0, Math.max(max, 1) * 1.05] },
    },
    series: [{}, ...series],
    axes: [
      {
        ...text,
        grid: { show: false },
        ticks: { show: false },
        incrs: steps,
        values: (_, indexes) =>
          indexes.map((index) => {
            const span = data.spans[index];
            return span ? day.format(Date.parse(span.since)) : '';
          }),
      },
      { ...text, grid, ticks: { show: false }, size: 64, ...axis },
    ],
  };
}

/** Bars that stand on each other, drawn from the highest sum down. */
const throughput: Make = (data, t, hue) => {
  const shown = drawnEnds(data.total);
  const tops = shown.map((status) => data.spans.map((span) => topOf(status, span, shown)));
  const bars = uPlot.paths.bars?.({ size: [0.8, 60] });
  return {
    values: tops.toReversed(),
    series: shown.toReversed().map((status) => ({
      label: status,
      fill: hue(`--status-${status}`),
      width: 0,
      points: { show: false },
      ...(bars && { paths: bars }),
    })),
    axis: { values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? String(tick) : '')) },
    legend: shown.map((status) => ({ name: t(`status.${status}`), hue: `--status-${status}` })),
    at: (span, height) => endAt(height, span, shown),
  };
};

const [MINUTE, HOUR, DAY] = [60, 3_600, 86_400];
/** What a clock is divided by, in seconds: a tenth of an hour is no time that anybody thinks in. */
const roundSeconds = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000].map((days) => days * DAY),
];

const times: Make = (data, t, hue) => ({
  values: [data.spans.map(({ waited }) => waited), data.spans.map(({ ran }) => ran)],
  series: (['--status-finished', '--accent'] as const).map((name) => ({
    stroke: hue(name),
    width: 2,
    spanGaps: true,
    points: { show: true, size: 5, fill: hue(name), stroke: hue(name) },
  })),
  axis: { incrs: roundSeconds, values: (_, ticks) => ticks.map((tick) => formatDuration(tick * 1_000, t)) },
  legend: [
    { name: t('dashboard.waited'), hue: '--status-finished' },
    { name: t('dashboard.ran'), hue: '--accent' },
  ],
});

/** A colour of the theme as a canvas takes it: `light-dark()` is known to style sheets alone. */
function hueOf(element: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  element.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}
