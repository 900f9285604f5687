// Which addresses count as one caller.
import { isIPv4, isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** `1.2.3.4:5678` and `[2001:db8::1]:5678`, as some proxies forward. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d+)?$/;
const MAX_TEXT = 64;

/**
 * An IPv6 network of /64: that is the least that one customer gets (RFC 6177), and whoever has one has 2^64 addresses. An
 * IPv4 address is one caller in whatever form it comes.
 */
export function callerAt(address: string): string {
  const [, inBrackets, beforePort] = WITH_PORT.exec(address) ?? [];
  const plain = (inBrackets ?? beforePort ?? address).split('%', 1)[0] ?? '';
  if (isIPv4(plain)) return plain;
  return isIPv6(plain) ? networkOf(plain) : plain.slice(0, MAX_TEXT);
}

function networkOf(address: string): string {
  // The one spelling of RFC 5952, and no dots.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(canonical) ?? [];
  if (high !== undefined && low !== undefined)
    return [high, low].flatMap((part) => [parseInt(part, 16) >> 8, parseInt(part, 16) & 255]).join('.');
  const [start = '', end = ''] = canonical.split('::');
  const [first, last] = [start, end].map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - (first?.length ?? 0) - (last?.length ?? 0)).fill('0');
  return `${[...(first ?? []), ...zeros, ...(last ?? [])].slice(0, 4).join(':')}::/64`;
}

/** The peer's address, or what proxies that are listed say it is. */
export const callerOf = ({ ip }: Pick<FastifyRequest, 'ip'>): string => callerAt(ip ?? 'unknown');
