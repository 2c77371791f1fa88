import { BlockList, isIPv6 } from 'node:net';
import type { Caller } from '../route.ts';

/** What a proxy says of whom it speaks for. */
const forwarding = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'] as const;

/**
 * Networks whose clients may do without credentials, because they can send none (contracts/README.md). Browsers inside them
 * are held off by the `Origin` rule (design.md §8), which holds for every write that brings no key.
 *
 * @example
 * const trusted = new TrustedNetworks(['10.1.0.0/16', 'fd00::/8']);
 * trusted.include({ headers, ip: '10.1.2.3', peer: '10.1.2.3' }) // true
 */
export class TrustedNetworks {
  readonly #list = new BlockList();

  /** Addresses and CIDR networks, as the settings have checked them. */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [ip = '', bits] = network.split('/');
      const family = isIPv6(ip) ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.#list.addAddress(ip, family);
      else this.#list.addSubnet(ip, Number(bits), family);
    }
  }

  /**
   * True if the caller is in one of them. Somebody for whom a proxy speaks is where the proxy says, if it is a trusted one;
   * of any other proxy all that is known is where it stands, and everybody might stand behind it.
   */
  include({ headers, ip, peer }: Caller): boolean {
    const direct = plain(ip) === plain(peer ?? '');
    if (direct && forwarding.some((name) => headers[name] !== undefined)) return false;
    const address = plain(ip);
    return this.#list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }
}

/** Without the form that IPv6 gives to IPv4 (`::ffff:10.0.0.1`), and without a zone. */
function plain(ip: string): string {
  return ip.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
}
