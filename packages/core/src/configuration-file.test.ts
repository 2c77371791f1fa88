import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ConfigurationFile,
  configurationFileJsonSchema,
  configurationFileLimit,
  type FileConfigurationBody,
  fromFileConfiguration,
  parseConfigurationFile,
  toFileConfiguration,
} from './configuration-file.ts';

const tutorial = `{
  "$schema": "./job-configurations-schema.generated.json",
  "job_configs": [
    {
      "name": "My Job",
      "tag": "my_job",
      "step_configurations": [
        { "name": "Say Hello", "tag": "say_hello", "points": 10 },
        { "name": "Generate Random Number", "tag": "random_number", "points": 15,
          "metadata_configurations": [{ "name": "Seed", "units": "", "kind": "number" }] },
        { "name": "Say Bye", "tag": "say_bye", "points": 10 }
      ]
    }
  ]
}`;

/** Problems as `line:column path: message`. */
const told = (text: string) =>
  (parseConfigurationFile(text).problems ?? []).map(
    (each) => `${each.line}:${each.column} ${each.path}: ${each.message}`,
  );

test('reads the file of the tutorial', () => {
  expect(parseConfigurationFile(tutorial)).toEqual({
    configurations: [
      {
        tag: 'my_job',
        name: 'My Job',
        version: '1.0.0',
        steps: [
          { tag: 'say_hello', name: 'Say Hello', points: 10 },
          {
            tag: 'random_number',
            name: 'Generate Random Number',
            points: 15,
            metadata: [{ name: 'Seed', units: '', kind: 'number' }],
          },
          { tag: 'say_bye', name: 'Say Bye', points: 10 },
        ],
      },
    ],
  });
  expect(parseConfigurationFile(`\ufeff${tutorial}`).configurations).toHaveLength(1);
  expect(parseConfigurationFile('{"job_configs": []}')).toEqual({ configurations: [] });
});

test('tells every problem at once, in the order of the file, where it stands', () => {
  const text = `{
  "jobs": 1,
  "job_configs": [
    { "name": "A", "tag": "a", "version": 2, "step_configurations": [
      { "name": "One", "tag": "one", "points": 0 },
      { "name": "Two", "tag": "one", "points": "10" },
      { "tag": "three", "point": 1 },
    ] },
    { "name": "", "tag": "a b;", "steps": [], "step_configurations": {} },
    { "name": "C", "tag": "a", "step_configurations": [{ "name": "x", "tag": "x", "points": 1e999,
      "metadata_configurations": [{ "unit": "GB", "name": null }] }] }
    7
  ]
}`;
  expect(told(text)).toEqual([
    '2:3 jobs: is not known here; known are $schema, job_configs',
    '4:43 job_configs[0].version: must be a text, is 2',
    '5:48 job_configs[0].step_configurations[0].points: must be greater than 0, is 0',
    '6:31 job_configs[0].step_configurations[1].tag: is the tag of step 1 already; tags must differ',
    '6:48 job_configs[0].step_configurations[1].points: must be a number, is "10"',
    '7:7 job_configs[0].step_configurations[2].name: is missing; it must be a text',
    '7:7 job_configs[0].step_configurations[2].points: is missing; it must be a number',
    '7:25 job_configs[0].step_configurations[2].point: is not known here; did you mean points?',
    '7:37 job_configs[0].step_configurations: a comma must not stand before the end',
    '9:15 job_configs[1].name: must be one line that is not empty, is ""',
    '9:26 job_configs[1].tag: must be letters, digits, _ . : - + @ / or spaces, beginning and ending with a letter, digit or _, is "a b;"',
    '9:34 job_configs[1].steps: is not known here; known are name, tag, version, step_configurations',
    '9:70 job_configs[1].step_configurations: must be a list, is an object',
    '10:27 job_configs[2].tag: is the tag of job 1 already; tags must differ',
    '10:93 job_configs[2].step_configurations[0].points: must be a number, is Infinity',
    '11:37 job_configs[2].step_configurations[0].metadata_configurations[0].unit: is not known here; did you mean units?',
    '11:59 job_configs[2].step_configurations[0].metadata_configurations[0].name: must be a text, is null',
    '12:5 job_configs: a comma is missing before this',
    '12:5 job_configs[3]: must be an object, is 7',
  ]);
});

type Refused = Extract<ConfigurationFile, { count: number }>;

describe('broken files', () => {
  test.each([
    ['', '1:1 : the text ends where a value should be'],
    [
      '{"job_configs": [\n{"name": "x\n',
      '2:10 job_configs[0].name: this text has no closing quote on its line',
    ],
    ['[]', '1:1 : must be an object, is a list'],
    ['null', '1:1 : must be an object, is null'],
    ['{}', '1:1 job_configs: is missing; it must be a list'],
    ['{"job_configs": [}', '1:18 job_configs[0]: expected a value, found "}"'],
    ['job_configs:\n  - name: x', '1:1 : expected a value, found "j"'],
  ])('%j', (text, problem) => expect(told(text)).toEqual([problem]));

  test('twice the same field', () => {
    expect(told('{"job_configs": [],\n "job_configs": []}')).toEqual(['2:2 job_configs: is given twice']);
  });

  test('a file that is too large is not read', () => {
    expect(told(' '.repeat(configurationFileLimit + 1))).toEqual([
      '1:1 : is larger than 10 MiB; split it into several files',
    ]);
  });

  test('5 MB of faults come back within bounds', () => {
    const step = '{"name": "", "tag": "a", "points": 0},\n';
    const text = `{"job_configs": [{"name": "A", "tag": "a", "step_configurations": [${step.repeat(5e6 / step.length)}`;
    expect(told(text)).toHaveLength(1);
    const { problems = [], count } = parseConfigurationFile(`${text}]}]}`) as Refused;
    // Of each step its name, its points, and of all but the first its tag; the length of the list, and the last comma.
    expect(count).toBe(3 * Math.floor(5e6 / step.length) + 1);
    expect(problems).toHaveLength(1_001);
    expect(problems.at(-1)?.message).toBe(`and ${count - 1_000} more problems`);
    expect(problems.slice(0, 4).map(({ path, message }) => `${path}: ${message}`)).toEqual([
      'job_configs[0].step_configurations: must have at most 500 entries',
      'job_configs[0].step_configurations[0].name: must be one line that is not empty, is ""',
      'job_configs[0].step_configurations[0].points: must be greater than 0, is 0',
      'job_configs[0].step_configurations[1].name: must be one line that is not empty, is ""',
    ]);
  }, 60_000);

  test.each([
    ['values of the wrong type', (i: number) => String(i), 0],
    ['unknown fields', (i: number) => `{"field${i}": 1}`, 4],
    ['fields of nothing', () => '{}', 3],
  ])('what is not told is counted: %s', (_name, item, each) => {
    const text = `{"job_configs": [${Array.from({ length: 1_500 }, (_, i) => item(i)).join()}]}`;
    const { count, problems } = parseConfigurationFile(text) as Refused;
    expect(problems).toHaveLength(1_001);
    expect(count).toBe(1_500 * (each || 1));
  });

  test('lists that are too long hide no fault of what is in them', () => {
    const job = (tag: number, steps: string) =>
      `{"name": "A", "tag": "t${tag}", "step_configurations": [${steps}]}`;
    const many = (count: number, item: (index: number) => string) =>
      Array.from({ length: count }, (_, i) => item(i)).join();
    const step = (tag: number, more = '') => `{"name": "B", "tag": "s${tag}", "points": 0${more}}`;
    const metadata = `, "metadata_configurations": [${many(101, () => '{"name": "C"}')}]`;
    const paths = (text: string) => (parseConfigurationFile(text).problems ?? []).map(({ path }) => path);
    const jobs = paths(`{"job_configs": [${many(10_050, (i) => job(i, i % 11 ? '' : step(0)))}]}`);
    expect(jobs).toHaveLength(915);
    expect(jobs.slice(0, 2)).toEqual(['job_configs', 'job_configs[0].step_configurations[0].points']);
    const within = 'job_configs[0].step_configurations';
    const steps = paths(
      `{"job_configs": [${job(
        0,
        many(501, (i) => step(i, i ? '' : metadata)),
      )}]}`,
    );
    expect(steps.slice(0, 4)).toEqual([
      within,
      `${within}[0].points`,
      `${within}[0].metadata_configurations`,
      `${within}[1].points`,
    ]);
    const faults = many(700, (i) =>
      job(
        i,
        many(450, (j) => `{"tag": "s${j}"}`),
      ),
    );
    expect(paths(`{"job_configs": [${faults}]}`)).toHaveLength(1_001);
  }, 60_000);

  test('any text has problems or configurations, and each problem a place in the text', () => {
    const mutated = fc
      .tuple(fc.nat(tutorial.length), fc.nat(12), fc.string({ maxLength: 3 }))
      .map(([at, cut, put]) => {
        return tutorial.slice(0, at) + put + tutorial.slice(at + cut);
      });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.string(), fc.json()), (text) => {
        const { problems, configurations } = parseConfigurationFile(text);
        expect(problems === undefined).toBe(configurations !== undefined);
        const lines = text.split(/\r\n|\n|\r/);
        for (const { line, column, message } of problems ?? []) {
          expect(message).not.toMatch(/undefined|NaN|\[object/);
          expect(column).toBeGreaterThan(0);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? -1) + 1);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

test('the two spellings say the same', () => {
  const name = fc.constantFrom('A', 'B c', 'Größe');
  const tag = fc.constantFrom('a', 'b_c', 'open tar');
  const file: fc.Arbitrary<FileConfigurationBody> = fc.record({
    name,
    tag,
    version: fc.constantFrom('1.0.0', '2.0.0-rc.1'),
    step_configurations: fc.array(
      fc.record(
        {
          name,
          tag,
          points: fc.integer({ min: 1 }),
          metadata_configurations: fc.array(fc.record({ name, units: fc.constant('s') })),
        },
        { requiredKeys: ['name', 'tag', 'points'] },
      ),
    ),
  });
  fc.assert(
    fc.property(file, (each) => void expect(toFileConfiguration(fromFileConfiguration(each))).toEqual(each)),
  );
});

test('the JSON Schema is 2020-12 and helps in an editor', () => {
  const schema = configurationFileJsonSchema();
  expect(schema).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'JobConfigs',
    type: 'object',
    required: ['job_configs'],
    additionalProperties: false,
  });
  const text = JSON.stringify(schema);
  expect(text).toContain('"exclusiveMinimum":0');
  expect(text).toContain('"step_configurations"');
  const lacking: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const { properties, items, title, description } = node as Record<string, unknown>;
    if (path.endsWith('}') && (title === undefined || description === undefined)) lacking.push(path);
    for (const [key, each] of Object.entries(properties ?? {})) visit(each, `${path}.{${key}}`);
    visit(items, `${path}[]`);
  };
  visit(schema, '');
  expect(lacking).toEqual([]);
  const [example] = schema['examples'] as unknown[];
  expect(parseConfigurationFile(JSON.stringify(example)).problems).toBeUndefined();
});
