import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Diary } from './diary.ts';

let diary: Diary;
beforeAll(async () => {
  diary = await Diary.open();
});
afterAll(() => diary.close());

const step = (tag: string, points: unknown = 10) => ({ name: tag, tag, points });
const file = (name: string, text: string): string => {
  const path = join(diary.folder, name);
  writeFileSync(path, text);
  return path;
};
const good = (...versions: string[]) =>
  JSON.stringify({
    job_configs: versions.map((version, i) => ({
      name: `Job ${i}`,
      tag: `config_test_${i}`,
      version,
      step_configurations: [step('one'), step('two', 5)],
    })),
  });

describe('daybook generate-json-schemas', () => {
  const help = `usage: daybook generate-json-schemas [-h] [-l LOCATION] [-n NAME]

options:
  -h, --help            show this help message and exit
  -l LOCATION, --location LOCATION
                        Location of generated schemas
  -n NAME, --name NAME  Name to use for the generated <name>.generated.json schema file
`;

  it.each(['-h', '--help'])('prints its usage with %s', async (flag) => {
    expect(await diary.daybook('generate-json-schemas', flag)).toMatchObject({
      code: 0,
      stdout: help,
      stderr: '',
    });
  });

  it.each([
    [[], '.', 'job-configurations-schema'],
    [['schemas/deep'], 'schemas/deep', 'job-configurations-schema'],
    [['-l', 'short'], 'short', 'job-configurations-schema'],
    [['--location', 'long', '--name', 'mine'], 'long', 'mine'],
    [['-n', 'bare', 'there'], 'there', 'bare'],
    [['ignored', '-l', 'wins'], 'wins', 'job-configurations-schema'],
  ])('%j writes below %s as %s', async (words, location, name) => {
    const cwd = join(diary.folder, 'schemas');
    mkdirSync(cwd, { recursive: true });
    expect(await diary.daybookWith({ cwd }, 'generate-json-schemas', ...words)).toMatchObject({
      code: 0,
      stdout: `Generated JSON Schema for JobConfigs at ${location}\n`,
      stderr: '',
    });
    const schema = JSON.parse(readFileSync(join(cwd, location, `${name}.generated.json`), 'utf8'));
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'JobConfigs',
    });
  });

  it('says where it cannot write, and what is no name', async () => {
    const place = file('no-folder', '');
    const blocked = await diary.daybook('generate-json-schemas', '-l', place);
    expect(blocked).toMatchObject({
      code: 73,
      stdout: '',
      stderr: expect.stringContaining('cannot be written'),
    });
    const name = await diary.daybook('generate-json-schemas', '-n', '../mine');
    expect(name).toMatchObject({ code: 64, stderr: expect.stringContaining('--location') });
    expect(await diary.daybook('generate-json-schemas', 'a', 'b')).toMatchObject({ code: 64, stdout: '' });
  });
});

describe('daybook config check', () => {
  it('says that a file is fine', async () => {
    const path = file('good.json', good('1.0.0', '2.0.0'));
    expect(await diary.daybook('config', 'check', path)).toMatchObject({
      code: 0,
      stdout: `${path} is fine: 2 configurations\n`,
    });
    const json = await diary.daybook('config', 'check', '--json', path);
    expect([json.code, JSON.parse(json.stdout)]).toEqual([0, { file: path, problems: [] }]);
  });

  it('reports every problem at once, with path, line and column', async () => {
    const path = file(
      'bad.json',
      `{
  "job_configs": [
    { "name": "A", "tag": "a", "version": 2, "colour": "red", "step_configurations": [
      { "name": "One", "tag": "one", "points": 0 },
      { "name": "Two", "tag": "one", "points": "10" },
    ] },
    { "name": "B", "tag": "a", "step_configurations": [] }
  ]
}
`,
    );
    const told = await diary.daybook('config', 'check', path);
    expect(told.code).toBe(1);
    expect(told.stdout.trim().split('\n')).toEqual([
      `${path}:3:43: job_configs[0].version: must be a text, is 2`,
      `${path}:3:46: job_configs[0].colour: is not known here; known are name, tag, version, step_configurations`,
      `${path}:4:48: job_configs[0].step_configurations[0].points: must be greater than 0, is 0`,
      `${path}:5:31: job_configs[0].step_configurations[1].tag: is the tag of step 1 already; tags must differ`,
      `${path}:5:48: job_configs[0].step_configurations[1].points: must be a number, is "10"`,
      `${path}:5:54: job_configs[0].step_configurations: a comma must not stand before the end`,
      `${path}:7:27: job_configs[1].tag: is the tag of job 1 already; tags must differ`,
    ]);
    expect(told.stderr).toBe(`daybook: ${path} has 7 problems\n`);
    const json = await diary.daybook('config', 'check', '--json', path);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout).problems[0]).toEqual({
      path: 'job_configs[0].version',
      message: 'must be a text, is 2',
      line: 3,
      column: 43,
    });
  });

  it('says what is wrong with 5 MB of it', async () => {
    const steps = '{"name": "", "tag": "a", "points": 0, "x": 1},\n'.repeat(5e6 / 46);
    const path = file(
      'huge.json',
      `{"job_configs": [{"name": "A", "tag": "a", "step_configurations": [${steps}]}]}`,
    );
    const { code, stdout } = await diary.daybook('config', 'check', path);
    expect(code).toBe(1);
    expect(stdout.trim().split('\n').at(-1)).toMatch(/: and \d{5,} more problems$/);
  });

  it('knows a file that is not there from one that is no JSON', async () => {
    expect(await diary.daybook('config', 'check', join(diary.folder, 'absent.json'))).toMatchObject({
      code: 66,
      stderr: expect.stringContaining('ENOENT'),
    });
    const path = file('text.json', 'job_configs: []\n');
    expect(await diary.daybook('config', 'check', path)).toMatchObject({
      code: 1,
      stdout: `${path}:1:1: expected a value, found "j"\n`,
      stderr: `daybook: ${path} has a problem\n`,
    });
  });
});

describe('daybook config push', () => {
  it('registers what a file holds, again too, and refuses other content', async () => {
    const path = file('push.json', good('1.0.0', '2.0.0'));
    for (const _ of ['once', 'again']) {
      expect(await diary.daybook('config', 'push', path)).toMatchObject({
        code: 0,
        stdout: 'config_test_0 1.0.0\nconfig_test_1 2.0.0\n',
      });
    }
    const stored = await diary.get<{ steps: unknown[] }>('/configurations/config_test_1');
    expect(stored).toMatchObject({
      version: '2.0.0',
      name: 'Job 1',
      steps: [{ tag: 'one' }, { tag: 'two', points: 5 }],
    });
    const other = file('other.json', good('1.0.0').replace('"points":5', '"points":6'));
    expect(await diary.daybook('config', 'push', other)).toMatchObject({
      code: 65,
      stdout: '',
      stderr: expect.stringContaining('Give it a new version'),
    });
  });

  it('sends nothing of a file with a problem', async () => {
    const path = file('half.json', good('1.0.1').replace('"points":5', '"points":0'));
    expect(await diary.daybook('config', 'push', path)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('must be greater than 0'),
    });
    const versions = await diary.get<{ items: unknown[] }>('/configurations/config_test_0/versions');
    expect(versions.items).toHaveLength(1);
  });
});
