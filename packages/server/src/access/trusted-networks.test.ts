import { describe, expect, test } from 'vitest';
import { TrustedNetworks } from './trusted-networks.ts';

const trusted = new TrustedNetworks(['10.1.0.0/16', '192.168.7.9', 'fd00::/8']);
const from = (ip: string, peer = ip, headers = {}) => trusted.include({ headers, ip, peer });

describe('trusted networks', () => {
  test.each([
    ['10.1.2.3', true],
    ['::ffff:10.1.2.3', true],
    ['10.2.0.1', false],
    ['192.168.7.9', true],
    ['192.168.7.10', false],
    ['fd12::1', true],
    ['fd12::1%eth0', true],
    ['fe80::1', false],
    ['', false],
    ['nonsense', false],
  ])('%s: %s', (ip, expected) => {
    expect(from(ip)).toBe(expected);
  });

  test('none are trusted when none are named', () => {
    expect(new TrustedNetworks([]).include({ headers: {}, ip: '127.0.0.1', peer: '127.0.0.1' })).toBe(false);
  });

  test('the client of a trusted proxy is where the proxy says', () => {
    const headers = { 'x-forwarded-for': 'whoever' };
    expect(from('10.1.2.3', '203.0.113.1', headers)).toBe(true);
    expect(from('198.51.100.1', '10.1.0.1', headers)).toBe(false);
  });

  test.each(['forwarded', 'via', 'x-forwarded-for', 'x-real-ip'])(
    'a proxy inside that is not trusted speaks for nobody: %s',
    (name) => {
      expect(from('10.1.0.1', '::ffff:10.1.0.1', { [name]: '10.1.2.3' })).toBe(false);
    },
  );
});
