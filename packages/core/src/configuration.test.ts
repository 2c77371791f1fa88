import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type ConfigurationBody,
  configurationLimits,
  configurationSchema,
  repeated,
  sameContent,
} from './configuration.ts';

const hello: ConfigurationBody = {
  tag: 'my_job',
  name: 'My Job',
  version: '1.0.0',
  steps: [
    { tag: 'say_hello', name: 'Say Hello', points: 10 },
    {
      tag: 'random_number',
      name: 'Generate Random Number',
      points: 15,
      metadata: [{ name: 'Seed', units: null, kind: 'number' }],
    },
  ],
};
const problems = (body: unknown) =>
  (configurationSchema.safeParse(body).error?.issues ?? []).map(
    (issue) => `${issue.path.join('.')}: ${issue.code}`,
  );
const withStep = (step: object) => ({ ...hello, steps: [{ ...hello.steps[0], ...step }] });

describe('configurationSchema', () => {
  test('takes a configuration, and 1.0.0 for a version that is left out', () => {
    expect(configurationSchema.parse(hello)).toEqual(hello);
    const { version: _, ...unversioned } = hello;
    expect(configurationSchema.parse(unversioned)).toEqual(hello);
    expect(configurationSchema.parse({ ...hello, steps: [] }).steps).toEqual([]);
  });

  test.each(['a', 'open tar', 'Policy Validation', 'größe', 'x.y:z-1', '1', '_', 'a/b@c+d'])(
    'takes the tag %j',
    (tag) => expect(problems({ ...hello, tag })).toEqual([]),
  );

  test.each(['', ' a', 'a ', '-', 'a\nb', 'a\u0000', 'a\tb', 'x'.repeat(101), 'a;b', '<b>', 'a"b'])(
    'refuses the tag %j',
    (tag) => expect(problems({ ...hello, tag })[0]).toMatch(/^tag: /),
  );

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e10, '10', null, undefined])(
    'refuses %s points',
    (points) => expect(problems(withStep({ points }))[0]).toMatch(/^steps\.0\.points: /),
  );

  test.each([0.001, 1, 15, configurationLimits.points])('takes %d points', (points) =>
    expect(problems(withStep({ points }))).toEqual([]),
  );

  test.each<[string, unknown, string[]]>([
    ['nothing', {}, ['tag: invalid_type', 'name: invalid_type', 'steps: invalid_type']],
    ['no object', [], [': invalid_type']],
    ['an unknown field', { ...hello, step: [] }, [': unrecognized_keys']],
    ['an unknown field of a step', withStep({ point: 1 }), ['steps.0: unrecognized_keys']],
    ['an empty name', { ...hello, name: '   ' }, ['name: invalid_format']],
    ['a name of two lines', { ...hello, name: 'a\nb' }, ['name: invalid_format']],
    ['a version with a space', { ...hello, version: '1 0' }, ['version: invalid_format']],
    ['an empty version', { ...hello, version: '' }, ['version: invalid_format']],
    [
      'too many steps',
      { ...hello, steps: Array.from({ length: 501 }, (_, n) => ({ tag: `s${n}`, name: 's', points: 1 })) },
      ['steps: too_big'],
    ],
    [
      'a tag of two steps',
      { ...hello, steps: [hello.steps[0], hello.steps[1], hello.steps[0]] },
      ['steps.2.tag: custom'],
    ],
    [
      'metadata without a name',
      withStep({ metadata: [{ units: 'GB' }] }),
      ['steps.0.metadata.0.name: invalid_type'],
    ],
    [
      'several at once',
      { ...hello, name: 1, steps: [{ tag: '', name: '', points: 0 }] },
      [
        'name: invalid_type',
        'steps.0.tag: invalid_format',
        'steps.0.name: invalid_format',
        'steps.0.points: too_small',
      ],
    ],
  ])('refuses %s', (_, body, expected) => expect(problems(body)).toEqual(expected));

  test('does not slow down on hostile tags', () => {
    expect(problems({ ...hello, tag: `${' '.repeat(1e5)}!` })).not.toEqual([]);
    expect(problems({ ...hello, tag: `a${' '.repeat(98)}!` })).not.toEqual([]);
  });

  test('has a JSON Schema', () => {
    const schema = z.toJSONSchema(configurationSchema, { io: 'input' });
    expect(schema.$defs?.['ConfigurationBody']?.required).toEqual(['tag', 'name', 'steps']);
  });
});

describe('sameContent', () => {
  const parsed = configurationSchema.parse(hello);
  test('looks at what a configuration says, not at what it is called', () => {
    expect(sameContent(parsed, { ...parsed, tag: 'other', version: '2.0.0' } as typeof parsed)).toBe(true);
    expect(sameContent(parsed, { ...parsed, name: 'Other' })).toBe(false);
    expect(sameContent(parsed, { ...parsed, steps: parsed.steps.toReversed() })).toBe(false);
    expect(sameContent(parsed, { ...parsed, steps: parsed.steps.slice(1) })).toBe(false);
  });

  test('does not mind the order of fields, nor absent and empty', () => {
    const a = { name: 'n', steps: [{ tag: 't', name: 'n', points: 1, metadata: [{ name: 'm' }] }] };
    const b = {
      steps: [{ metadata: [{ kind: null, name: 'm', units: null }], points: 1, name: 'n', tag: 't' }],
      name: 'n',
    };
    expect(sameContent(a, b)).toBe(true);
    expect(
      sameContent(
        { name: 'n', steps: [{ tag: 't', name: 'n', points: 1 }] },
        { name: 'n', steps: [{ tag: 't', name: 'n', points: 1, metadata: [] }] },
      ),
    ).toBe(true);
  });

  test('sees every change', () => {
    fc.assert(
      fc.property(fc.nat(1), fc.constantFrom('tag', 'name', 'points'), (index, field) => {
        const steps = parsed.steps.map((step, at) =>
          at === index ? { ...step, [field]: field === 'points' ? 99 : 'changed' } : step,
        );
        expect(sameContent(parsed, { ...parsed, steps })).toBe(false);
      }),
    );
  });
});

test('repeated names the second mention and the first', () => {
  expect(repeated(['a', 'b', 'a', undefined, undefined, 'a'])).toEqual([
    { index: 2, first: 0 },
    { index: 5, first: 0 },
  ]);
});
