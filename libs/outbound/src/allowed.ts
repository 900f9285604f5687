// Says which addresses may be called: public ones, and what an operator allows by name or network.
import { BlockList, isIP } from 'node:net';
import { IPv6, parse, parseCIDR } from 'ipaddr.js';

/** 2000::/3 is all that is given out for the public so far (RFC 4291); ranges within it that are not are known by name. */
const GIVEN_OUT = parseCIDR('2000::/3') as [IPv6, number];

/** Answers every machine on Azure about itself, from an address that is public by its number. */
const METADATA = new Set(['168.63.129.16']);

/**
 * Anyone on the Internet may have it: not private, loopback, link-local, shared, multicast, documentation or reserved, and no IPv6
 * address that stands for an IPv4 one (mapped, NAT64, 6to4, Teredo), whatever that is.
 */
export function isPublic(address: string): boolean {
  if (isIP(address) === 0 || METADATA.has(address)) return false;
  const parsed = parse(address);
  if (parsed.range() !== 'unicast') return false;
  return !(parsed instanceof IPv6) || parsed.match(GIVEN_OUT);
}

export class Allowed {
  private readonly names = new Set<string>();
  private readonly networks = new BlockList();

  /** @param entries networks, addresses and host names, which were checked when the configuration was read */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const [address = '', prefix] = entry.split('/');
      const version = isIP(address);
      const family = version === 6 ? 'ipv6' : 'ipv4';
      if (version === 0) this.names.add(entry.toLowerCase());
      else if (prefix === undefined) this.networks.addAddress(address, family);
      else this.networks.addSubnet(address, Number(prefix), family);
    }
  }

  /** A host that the operator vouches for, wherever its name leads. */
  hasName(hostname: string): boolean {
    return this.names.has(hostname.toLowerCase());
  }

  permits(hostname: string, address: string): boolean {
    if (this.hasName(hostname)) return true;
    return this.networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') || isPublic(address);
  }
}
