import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { SettingsError, type SettingsSources, settingOptions, settingsFrom } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function refusal(sources: SettingsSources): SettingsError {
  try {
    settingsFrom(sources);
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('settings', () => {
  test('have defaults that serve one machine', () => {
    expect(settingsFrom({})).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      data: '.daybook',
      work: true,
      demo: false,
      trustedProxies: [],
      stallAfter: 900_000,
    });
  });

  test('flags win over the environment, the environment over the file', () => {
    const file = fileWith('three.json', '{"port": 1, "host": "file", "data": "file"}');
    const settings = settingsFrom({
      file,
      env: { DAYBOOK_HOST: 'env', DAYBOOK_PORT: '2' },
      flags: { port: '3', host: undefined },
    });
    expect(settings).toMatchObject({ port: 3, host: 'env', data: 'file' });
  });

  test('the environment may name the file', () => {
    const file = fileWith('named.json', '{"port": 7}');
    expect(settingsFrom({ env: { DAYBOOK_CONFIG: file } }).port).toBe(7);
  });

  test('text becomes numbers, lists, switches and durations', () => {
    const settings = settingsFrom({
      env: {
        DAYBOOK_WORK: 'no',
        DAYBOOK_ALLOWED_HOSTS: 'a.example, b.example',
        DAYBOOK_TRUSTED_PROXIES: '10.0.0.0/8 ::1',
        DAYBOOK_STALL_AFTER: '1h30m',
        DAYBOOK_RATE_LIMIT: '0',
        DAYBOOK_LOG_LEVEL: '',
      },
    });
    expect(settings).toMatchObject({
      work: false,
      allowedHosts: ['a.example', 'b.example'],
      trustedProxies: ['10.0.0.0/8', '::1'],
      stallAfter: 5_400_000,
      rateLimit: 0,
      logLevel: 'info',
    });
  });

  test('a secret may be in a file of its own', () => {
    const secret = fileWith('secret', 'postgres://u:p@h/d\n');
    const settings = settingsFrom({ env: { DAYBOOK_DATABASE_URL_FILE: secret } });
    expect(settings.databaseUrl).toBe('postgres://u:p@h/d');
    const both = { DAYBOOK_DATABASE_URL: 'postgres://u:p@h/d', DAYBOOK_DATABASE_URL_FILE: secret };
    expect(refusal({ env: both }).message).toContain('both set');
    expect(refusal({ env: { DAYBOOK_DATABASE_URL_FILE: '/nowhere/at/all' } }).message).toContain('ENOENT');
  });

  test('all faults are told at once, where they were set', () => {
    const file = fileWith('bad.json', '{"demo": "maybe", "colour": 1, "stallAfter": "soon"}');
    const { faults } = refusal({
      file,
      env: { DAYBOOK_PORT: '70000', DAYBOOK_TRUSTED_PROXIES: 'proxy', DAYBOOK_ALLOWED_ORIGINS: 'nonsense' },
      flags: { publicUrl: 'example.com', rateLimit: '-1', prot: '1', logLevel: 'loud' },
    });
    expect(faults.map(({ path }) => path).sort()).toEqual([
      '--log-level',
      '--prot',
      '--public-url',
      '--rate-limit',
      'DAYBOOK_ALLOWED_ORIGINS',
      'DAYBOOK_PORT',
      'DAYBOOK_TRUSTED_PROXIES',
      `colour in ${file}`,
      `demo in ${file}`,
      `stallAfter in ${file}`,
    ]);
  });

  test.each(['1.5', 'x', '', '-1', '0x10000'])('port %j is refused', (port) => {
    expect(refusal({ flags: { port } }).faults.map(({ path }) => path)).toEqual(['--port']);
  });

  test.each(['10.0.0.0/33', '10.0.0/8', '::/129', '1.2.3.4/x'])('network %j is refused', (network) => {
    expect(refusal({ flags: { trustedProxies: [network] } }).faults).toHaveLength(1);
  });

  test('no message holds a secret', () => {
    const { message } = refusal({ env: { DAYBOOK_DATABASE_URL: 'mysql://me:hunter2@host/db' } });
    expect(message).toContain('DAYBOOK_DATABASE_URL');
    expect(message).not.toContain('hunter2');
    const broken = fileWith('broken.json', '{"databaseUrl": postgres://me:hunter2@host/db}');
    expect(refusal({ file: broken }).message).not.toContain('hunter2');
  });

  test('a slip in a variable is refused, the variables of others are not', () => {
    expect(refusal({ env: { DAYBOOK_DATABSE_URL: 'postgres://h/d' } }).message).toContain(
      'DAYBOOK_DATABASE_URL is',
    );
    const others = { DAYBOOK_URL: 'x', DAYBOOK_API_KEY: 'x', DAYBOOK_SERVICE_HOST: 'x', DAYBOOK_HOME: 'x' };
    expect(settingsFrom({ env: others }).port).toBe(8080);
  });

  test('the port that Kubernetes sets is explained', () => {
    expect(refusal({ env: { DAYBOOK_PORT: 'tcp://10.0.0.1:80' } }).message).toContain('enableServiceLinks');
  });
});

describe('the list of settings', () => {
  test('names flag and variable of each', () => {
    const options = new Map(settingOptions().map((option) => [option.name, option]));
    expect(options.get('publicUrl')).toMatchObject({ flag: '--public-url', env: 'DAYBOOK_PUBLIC_URL' });
    expect(options.get('work')).toMatchObject({ flag: '--no-work', kind: 'switch', default: true });
    expect(options.get('trustedProxies')).toMatchObject({ kind: 'list', secret: false });
    expect([...options.values()].filter(({ secret }) => secret).map(({ name }) => name)).toEqual([
      'databaseUrl',
      'databaseDirectUrl',
      'archiveSecretKey',
      'smtpUrl',
    ]);
  });

  test('describes every one', () => {
    for (const { description } of settingOptions()) expect(description).not.toBe('');
  });
});
