import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DaybookUsageError } from '../http/errors.ts';
import { ConfigurationFileError } from './errors.ts';
import { JobConfigManager } from './job-configs.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'daybook-configs-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function written(text: string): string {
  const file = join(folder, 'job_configurations.json');
  writeFileSync(file, text);
  return file;
}

const step = { name: 'Say Hello', tag: 'say_hello', points: 10 };
const twoJobs = {
  $schema: './job-configurations-schema.generated.json',
  job_configs: [
    {
      name: 'My Job',
      tag: 'my_job',
      step_configurations: [
        { ...step, metadata_configurations: [{ name: 'Message', kind: 'text' }] },
        { name: 'Say Bye', tag: 'say_bye', points: 5 },
      ],
    },
    { name: 'Other', tag: 'other', version: '2.0.0', step_configurations: [] },
  ],
};

test('finds a configuration by its tag, in our spelling', () => {
  const manager = new JobConfigManager({ configurationsFile: written(JSON.stringify(twoJobs)) });
  expect(manager.getJobConfig('my_job')).toEqual({
    name: 'My Job',
    tag: 'my_job',
    version: '1.0.0',
    stepConfigurations: [
      { ...step, metadataConfigurations: [{ name: 'Message', kind: 'text' }] },
      { name: 'Say Bye', tag: 'say_bye', points: 5 },
    ],
  });
  expect(manager.jobConfigs.map(({ tag, version }) => [tag, version])).toEqual([
    ['my_job', '1.0.0'],
    ['other', '2.0.0'],
  ]);
});

test('a tag that is not there is told with those that are', () => {
  const manager = new JobConfigManager({ configurationsFile: written(JSON.stringify(twoJobs)) });
  expect(() => manager.getJobConfig('My Job')).toThrow(DaybookUsageError);
  expect(() => manager.getJobConfig('My Job')).toThrow('has no job "My Job"; it has my_job, other');
  expect(() => manager.getJobConfig('__proto__')).toThrow(DaybookUsageError);
});

test('a file with faults is refused with all of them and where they stand', () => {
  const file = written(
    '{"job_configs": [\n  {"name": "A", "tag": "a", "step_configurations": [],},\n  {"tag": "a"}\n]}',
  );
  const read = () => new JobConfigManager({ configurationsFile: file });
  expect(read).toThrow(ConfigurationFileError);
  expect(read).toThrow(`${file}:2:54: job_configs[0]: a comma must not stand before the end`);
  expect(read).toThrow(`${file}:3:11: job_configs[1].tag: is the tag of job 1 already; tags must differ`);
  try {
    read();
  } catch (error) {
    expect((error as ConfigurationFileError).problems).toHaveLength(4);
  }
});

test('a file that is not there is told as the system tells it', () => {
  expect(() => new JobConfigManager({ configurationsFile: join(folder, 'absent.json') })).toThrow(/ENOENT/);
});
