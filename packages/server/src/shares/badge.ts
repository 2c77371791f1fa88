import { formatPercent, type JobStatus, type Translate } from '@daybook/core';

/** White on each of them has 4.5:1 and more; the hues are those of the diary's statuses on a light page. */
const colours: Readonly<Record<JobStatus, string>> = {
  queued: '#5b626a',
  running: '#1a5bb8',
  succeeded: '#0a6e56',
  failed: '#b3330f',
  finished: '#7a5700',
  canceled: '#5b626a',
  unknown: '#5b626a',
  other: '#7445a3',
};

/** Pixels: of the picture's height, and of the space at both ends of a text. */
const HEIGHT = 20;
const PADDING = 7;

/**
 * A badge as SVG: how far a job is, and the word of its status. It says nothing else, loads nothing and runs nothing,
 * so that any page may show it.
 */
export function progressBadge(job: { status: JobStatus; progress: number }, t: Translate): string {
  return draw(formatPercent(job.progress, t), t(`status.${job.status}`), colours[job.status]);
}

/** The badge of a link that is worth nothing any more. */
export function goneBadge(t: Translate): string {
  return draw('–', t('badge.gone'), colours.unknown);
}

function draw(left: string, right: string, colour: string): string {
  const [first, second] = [textWidth(left), textWidth(right)];
  const split = first + 2 * PADDING;
  const width = split + second + 2 * PADDING;
  const said = `${right} ${left}`.replaceAll('\u00a0', ' ');
  const text = (words: string, x: number, length: number) =>
    `<text x="${x}" y="14" textLength="${length}" lengthAdjust="spacingAndGlyphs">${words}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" role="img" aria-label="${said}">`,
    `<title>${said}</title>`,
    `<clipPath id="c"><rect width="${width}" height="${HEIGHT}" rx="4"/></clipPath>`,
    `<g clip-path="url(#c)"><rect width="${split}" height="${HEIGHT}" fill="#3a3f45"/>`,
    `<rect x="${split}" width="${width - split}" height="${HEIGHT}" fill="${colour}"/></g>`,
    `<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">`,
    text(left, PADDING, first),
    text(right, split + PADDING, second),
    '</g></svg>',
  ].join('');
}

/** As wide as the usual fonts of badges set it, pixels; `textLength` fits every other font into that. */
function textWidth(text: string): number {
  let width = 0;
  for (const letter of text)
    width += /[\u00a0 fijlrtI1]/.test(letter) ? 4.4 : /[mwMW%]/.test(letter) ? 10.4 : 7;
  return Math.round(width);
}
