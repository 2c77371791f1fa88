import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { clientSettings } from './client-settings.ts';

function fileWith(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'daybook-cli-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'file'), text);
  return join(directory, 'file');
}

describe('client settings', () => {
  it('come from flags, then the environment, then the file', () => {
    const config = fileWith(
      '{"url": "http://file:1", "apiKey": "from-file", "spoolDirectory": "/from/file"}',
    );
    const env = { DAYBOOK_URL: 'http://env:2', DAYBOOK_API_KEY_FILE: fileWith('from-env\n') };
    expect(clientSettings({ config, url: 'http://flag:3' }, env)).toEqual({
      url: 'http://flag:3',
      apiKey: 'from-env',
      spoolDirectory: '/from/file',
    });
    expect(clientSettings({}, {})).toEqual({});
  });

  it('name all faults at once, by where they were made, and show no key', () => {
    const config = fileWith('{"port": 1, "spoolDirectory": ""}');
    const settings = () => clientSettings({ config, url: 'nowhere' }, { DAYBOOK_API_KEY: 'two words' });
    expect(settings).toThrow(
      /--url: is no address.*\n.*DAYBOOK_API_KEY: is no API key.*\n.*spoolDirectory in .*: must not be empty.*\n.*port in .*: is not known/s,
    );
    expect(settings).not.toThrow(/two words/);
    expect(() => clientSettings({ config: fileWith('{"apiKey": secret}') }, {})).toThrow(
      /is not valid JSON$/,
    );
  });
});
