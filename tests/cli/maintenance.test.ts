import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Diary } from './diary.ts';

let diary: Diary;
beforeAll(async () => {
  diary = await Diary.open();
});
afterAll(() => diary.close());

const maintenance = (...words: string[]) => diary.daybook('maintenance', ...words);
const asJson = async (...words: string[]) => JSON.parse((await maintenance(...words, '--json')).stdout);

describe('daybook maintenance', () => {
  it('pauses with a reason, tells of it, lets work go on, and remembers', async () => {
    expect(await maintenance('status')).toMatchObject({ code: 0, stdout: 'work goes on\n' });
    const paused = await maintenance('on', '--reason', 'Upgrade of the store', '--until', 'in 2h');
    expect(paused.code).toBe(0);
    expect(paused.stdout).toMatch(
      /^paused\n.*\n +\d+ {2}current {2}Upgrade of the store {2}key:tests {2}.*:.*:.* {2}all\n$/,
    );
    const status = await asJson('status');
    expect(status).toMatchObject({
      paused: true,
      current: { reason: 'Upgrade of the store', by: 'key:tests' },
    });
    const ends = Date.parse(status.current.endsAt) - Date.parse(status.current.startsAt);
    expect(Math.abs(ends - 7_200_000)).toBeLessThan(60_000);
    expect(await asJson('off')).toMatchObject({ paused: false, latest: { reason: 'maintenance is over' } });
    expect((await maintenance('history')).stdout).toMatch(
      /STATE.*\n.*work goes on {2}maintenance is over.*\n.*over .*Upgrade of the store.*\n.*Daybook was set up/,
    );
    expect((await asJson('history', '--limit', '1')).items).toHaveLength(1);
  });

  it('is set for later, for some configurations, and called off', async () => {
    const words = [
      'on',
      '--reason',
      'night',
      '--from',
      '2099-01-31T22:00:00+01:00',
      '--until',
      '2099-02-01T04:00:00Z',
    ];
    const { scheduled, paused } = await asJson(
      ...words,
      '--configuration',
      'import',
      '--configuration',
      'scan',
    );
    expect(paused).toBe(false);
    expect(scheduled).toMatchObject([
      {
        state: 'scheduled',
        startsAt: '2099-01-31T21:00:00.000Z',
        endsAt: '2099-02-01T04:00:00.000Z',
        configurations: ['import', 'scan'],
      },
    ]);
    expect((await maintenance('status')).stdout).toMatch(
      /^work goes on\n.*\n.*scheduled {2}night .*import, scan\n$/,
    );
    expect(await asJson('off', String(scheduled[0].id))).toMatchObject({ scheduled: [] });
    const again = await maintenance('off', String(scheduled[0].id));
    expect([again.code, again.stderr]).toEqual([65, expect.stringContaining('canceled already')]);
    expect((await maintenance('off', '9999')).code).toBe(66);
  });

  it.each([
    [['on'], 'reason'],
    [
      ['on', '--reason', 'x', '--until', 'soon'],
      '"soon" is no length of time, e.g. 90m, 7d or 1h30m, or 2026-01-31T18:00:00Z',
    ],
    [['on', '--reason', 'x', '--from', '2099-13-01T00:00:00Z'], '2099-13-01'],
    [['off', 'all'], 'Pauses have numbers'],
    [['history', '--limit', '0'], 'From 1 to 500'],
  ])('takes no %j', async (words, said) => {
    const { code, stderr } = await maintenance(...words);
    expect([code, stderr]).toEqual([64, expect.stringContaining(said)]);
  });

  it('tells what the server says of times that do not fit', async () => {
    const refused = await maintenance('on', '--reason', 'x', '--from', '2h', '--until', '1h');
    expect([refused.code, refused.stderr]).toEqual([65, expect.stringContaining('must be after startsAt')]);
    expect(await asJson('status')).toMatchObject({ paused: false, scheduled: [] });
  });

  it('is changed by admins alone, and read by all who have a key', async () => {
    const made = await diary.daybook('key', 'create', '--name', 'reader', '--role', 'viewer');
    const env = { DAYBOOK_API_KEY: made.stdout.trim() };
    expect((await diary.daybookWith({ env }, 'maintenance', 'status')).code).toBe(0);
    expect((await diary.daybookWith({ env }, 'maintenance', 'on', '--reason', 'x')).code).toBe(77);
  });
});
