import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');

/** The two values of every colour: on a light and on a dark page. */
const colors = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }] as const,
  ),
);

const channel = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16) / 255;

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => channel(hex, at))
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const inks = [...colors.keys()].filter((name) => /^(?:ink|accent|status-)/.test(name));
const grounds = ['paper', 'raised', 'sunk', 'hover'];

describe.each(['light', 'dark'] as const)('on a %s page', (theme) => {
  test.each(inks)('%s can be read on every ground', (ink) => {
    for (const ground of grounds) {
      const [over, under] = [colors.get(ink)?.[theme] ?? '', colors.get(ground)?.[theme] ?? ''];
      expect(contrast(over, under), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  test('what is chosen can be read', () => {
    const current = colors.get('current')?.[theme] ?? '';
    for (const ink of inks.filter((name) => name !== 'ink-3')) {
      expect(contrast(colors.get(ink)?.[theme] ?? '', current), ink).toBeGreaterThanOrEqual(4.5);
    }
  });
});

test('every status has its colour', () => {
  expect(inks.filter((name) => name.startsWith('status-'))).toHaveLength(8);
});
