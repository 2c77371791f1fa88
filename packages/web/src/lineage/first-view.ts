import type { Lineage } from '@daybook/core';

/** The least zoom at which the names of jobs can be read. */
const readable = 0.65;
/** Room around what is shown, px. */
const margin = 24;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The box of a job, and where it stands. */
export interface Box extends Size {
  readonly x: number;
  readonly y: number;
}

/**
 * Where one looks at first: at all of a lineage where it can be read so, or else at the job with its base runs and those
 * that vary it. The job is in the middle, but for where nothing would stand beside it: that room is left to the others.
 */
export function firstView(
  { edges }: Pick<Lineage, 'edges'>,
  current: number,
  boxes: ReadonlyMap<number, Box>,
  canvas: Size,
): { readonly x: number; readonly y: number; readonly zoom: number } {
  const job = boxes.get(current);
  if (job === undefined) return { x: 0, y: 0, zoom: 1 };
  const all = around([...boxes.values()]);
  const near = edges
    .filter((edge) => edge.base === current || edge.job === current)
    .flatMap((edge) => [edge.base, edge.job])
    .flatMap((id) => boxes.get(id) ?? []);
  const family = around([job, ...near]);
  const whole = zoomOf(all, canvas);
  const zoom = whole >= readable ? whole : Math.max(readable, zoomOf(family, canvas));
  const seen = { width: canvas.width / zoom, height: canvas.height / zoom };
  const rim = margin / zoom;
  const x = startOf(family, job, all, seen.width - 2 * rim, 'x', 'width') - rim;
  const y = startOf(family, job, all, seen.height - 2 * rim, 'y', 'height') - rim;
  return { x: -x * zoom, y: -y * zoom, zoom };
}

/** Where what is seen begins, one way: its middle is that of the family, or of the job where not all of that can be seen. */
function startOf(
  family: Box,
  job: Box,
  all: Box,
  seen: number,
  start: 'x' | 'y',
  length: 'width' | 'height',
): number {
  if (all[length] <= seen) return all[start] + (all[length] - seen) / 2;
  const held = family[length] <= seen ? family : job;
  const wished = held[start] + (held[length] - seen) / 2;
  return Math.min(Math.max(wished, all[start]), all[start] + all[length] - seen);
}

function around(boxes: readonly Box[]): Box {
  const x = least(boxes.map((box) => box.x));
  const y = least(boxes.map((box) => box.y));
  const right = -least(boxes.map((box) => -box.x - box.width));
  const bottom = -least(boxes.map((box) => -box.y - box.height));
  return { x, y, width: right - x, height: bottom - y };
}

function least(values: readonly number[]): number {
  return values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
}

/** The zoom at which a box just fits, no larger than life. */
function zoomOf({ width, height }: Size, canvas: Size): number {
  return Math.min(1, (canvas.width - 2 * margin) / width, (canvas.height - 2 * margin) / height);
}
