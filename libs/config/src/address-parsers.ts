// Parsers of everything that names a place or a person on a network.
import { BlockList, isIP } from 'node:net';
import type { Parser } from './parsers';

export function listenAddress(): Parser<string> {
  const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
  return {
    expected: 'an IP address or a host name',
    parse(text) {
      if (isIP(text) !== 0) return text;
      // A last label of digits is a mistyped IPv4 address, not a name (RFC 1123, 2.1).
      const isName = text.split('.').every((part) => label.test(part)) && !/(^|\.)\d+$/.test(text);
      return isName ? text : undefined;
    },
  };
}

export function url(schemes: readonly string[]): Parser<string> {
  return {
    expected: `a ${schemes.map((scheme) => `${scheme}://`).join(' or ')} URL with user and password percent-encoded`,
    parse(text) {
      if (!schemes.some((scheme) => text.startsWith(`${scheme}://`)) || /\s/.test(text) || !URL.canParse(text)) {
        return undefined;
      }
      const { hostname, hash, pathname, search, searchParams, username, password } = new URL(text);
      // In user:12/34@host the password ends up in the path, where describeConfig would print it.
      const isCutShort = hash !== '' || `${pathname}${search}`.includes('@');
      const hasHost = hostname !== '' || searchParams.has('host');
      return hasHost && !isCutShort && isPercentEncoded(username + password + pathname) ? text : undefined;
    },
  };
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** An origin exactly as a browser sends it: lower case, no default port, nothing behind the host. */
export function origin(): Parser<string> {
  return {
    expected: 'an exact origin like https://shop.example or http://localhost:5173, no path, no *',
    parse(text) {
      if (!URL.canParse(text) || text.includes('*')) return undefined;
      const { protocol, host } = new URL(text);
      return host !== '' && text === `${protocol}//${host}` ? text : undefined;
    },
  };
}

/** A page that is told a token: `{token}` stands for it. */
export function tokenLink(): Parser<string> {
  return {
    expected: 'an http:// or https:// URL with {token} in it once, behind the host',
    parse(text) {
      const [before = '', ...rest] = text.split('{token}');
      const isPage = /^https?:\/\/[^\s/?#]+[/?#]\S*$/.test(before) && rest.length === 1 && !/\s/.test(text);
      return isPage && URL.canParse(text) ? text : undefined;
    },
  };
}

export function network(): Parser<string> {
  return {
    expected: 'an IP address or a network like 10.0.0.0/8, no host name',
    parse(text) {
      const [address = '', prefix, ...rest] = text.split('/');
      if (isIP(address) === 0 || address.includes('%') || rest.length > 0) return undefined;
      return prefix === undefined || isPrefix(address, prefix) ? text : undefined;
    },
  };
}

/** What calls may go to. */
export function networkOrHost(): Parser<string> {
  const [numbers, name] = [network(), listenAddress()];
  return {
    expected: 'a network like 10.0.0.0/8, an IP address or a host name',
    parse: (text) => numbers.parse(text) ?? name.parse(text),
  };
}

function isPrefix(address: string, prefix: string): boolean {
  // A network of /0 would trust whoever sends the header.
  if (!/^[1-9]\d{0,2}$/.test(prefix)) return false;
  try {
    new BlockList().addSubnet(address, Number(prefix), isIP(address) === 4 ? 'ipv4' : 'ipv6');
    return true;
  } catch {
    return false;
  }
}

export function email(): Parser<string> {
  const shape = /^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@([a-z0-9-]+\.)+[a-z][a-z0-9-]+$/i;
  return {
    expected: 'an e-mail address',
    parse: (text) => (text.length <= 254 && shape.test(text) ? text : undefined),
  };
}
