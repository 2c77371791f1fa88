import { describe, expect, test } from 'vitest';
import { recipes } from './recipes/index.ts';
import { dense, sparse, storyOf } from './story.ts';

const startedAt = Date.parse('2026-03-18T10:00:00.000Z');
const stories = recipes.flatMap((recipe) =>
  Array.from({ length: 40 }, (_, i) =>
    storyOf(
      { recipe, create: { externalId: String(i), name: 'deck.key', target: 'T' } },
      startedAt,
      1,
      'seed',
    ),
  ),
);

describe('a story', () => {
  test('told in pieces is the story told at once, whatever the pieces', () => {
    for (const story of stories.filter((_, i) => i % 13 === 0)) {
      const end = Math.min(story.endsAt, startedAt + 3 * 3_600_000);
      const whole = story.between(startedAt - 1, end, dense);
      const pieces = [];
      let from = startedAt - 1;
      for (let piece = 1; from < end; piece++) {
        const to = Math.min(end, from + 977 * piece);
        pieces.push(...story.between(from, to, dense));
        from = to;
      }
      expect(pieces).toEqual(whole);
    }
  });

  test('has the same facts in any detail', () => {
    for (const story of stories.filter((_, i) => i % 5 === 0)) {
      const facts = (told: ReturnType<typeof story.between>) =>
        told.filter(({ event }) => event.key !== undefined);
      const end = Math.min(story.endsAt, startedAt + 1e9);
      expect(facts(story.between(0, end, sparse))).toEqual(facts(story.between(0, end, dense)));
    }
  });

  test('ends as its outcome says, with the last thing it tells', () => {
    for (const story of stories) {
      const last = story.between(0, Number.MAX_SAFE_INTEGER, sparse).at(-1);
      if (story.outcome === 'silent') expect(last?.event.status).not.toBe('succeeded');
      else expect([last?.event.status, last?.at]).toEqual([story.outcome, story.endsAt]);
    }
  });

  test('comes out in every way that there is', () => {
    expect(new Set(stories.map(({ outcome }) => outcome))).toEqual(
      new Set(['succeeded', 'failed', 'canceled', 'finished', 'other', 'silent']),
    );
  });
});
