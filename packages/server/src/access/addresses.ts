import { isIP } from 'node:net';

/** True for an address or name of this machine itself, also as IPv6 writes IPv4 (`::ffff:127.0.0.1`). */
export function isLoopback(host: string): boolean {
  const plain = host.replace(/^::ffff:/i, '').toLowerCase();
  return plain === 'localhost' || plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

/**
 * What counts as one peer: an IPv4 address, or an IPv6 network of 64 bits, because whoever has one address of it has
 * all of them.
 */
export function peerOf(ip: string): string {
  const plain = ip.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (isIP(plain) !== 6) return plain;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
