import { describe, expect, test } from 'vitest';
import { isLoopback, peerOf } from './addresses.ts';

describe('addresses', () => {
  test.each(['127.0.0.1', '127.255.0.9', '::1', '::ffff:127.0.0.1', 'localhost', 'LOCALHOST'])(
    '%s is this machine',
    (host) => expect(isLoopback(host)).toBe(true),
  );

  test.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    '127.evil.example',
    '127.0.0.1.evil.example',
    '::127.0.0.1',
    '',
  ])('%j is not', (host) => expect(isLoopback(host)).toBe(false));

  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8:0:1:2:3:4:5', '2001:db8:0:1::/64'],
    ['2001:0DB8::1:2:3:4:5', '2001:db8:0:1::/64'],
    ['2001:db8::5', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['nonsense', 'nonsense'],
  ])('%s counts as %s', (ip, peer) => expect(peerOf(ip)).toBe(peer));
});
