// What the driver sends: ready requests picked at random, or the mix of reads and writes.
import { readFileSync } from 'node:fs';
import { type Ask, textOf } from './requests';
import type { Staleness } from './scenario';
import { Versions } from './versions';
import { zipf } from './zipf';

export interface Shot {
  readonly text: string;
  readonly status: number;
  /** Told of what came back, in milliseconds of one clock. */
  readonly seen?: (text: string, sentAt: number, answeredAt: number) => void;
}

export interface Shots {
  next(): Shot;
  staleness?(): Omit<Staleness, 'name'>;
}

export type Source =
  { readonly kind: 'asks'; readonly asksFile: string; readonly status: number } | ({ readonly kind: 'mix' } & Mix);

/** 75 % reads by id, 15 % updates, 5 % lists, 5 % creates. */
export interface Mix {
  readonly idsFile: string;
  readonly headers: Readonly<Record<string, string>>;
  /** So that no two loads create the same. */
  readonly prefix: string;
}

const SHARES = { reads: 0.75, updates: 0.9, lists: 0.95 };
const VERSION = /"version":(\d+)/;
const MAX_STOCK = 1_000_000;
const anyBelow = (limit: number): number => Math.floor(Math.random() * limit);

export const shotsOf = (url: string, source: Source): Shots =>
  source.kind === 'asks' ? asksOf(url, source) : mixOf(url, source);

function asksOf(url: string, { asksFile, status }: { asksFile: string; status: number }): Shots {
  const asks = JSON.parse(readFileSync(asksFile, 'utf8')) as Ask[];
  const shots = asks.map((ask) => ({ text: textOf(url, ask), status }));
  return { next: () => shots[anyBelow(shots.length)] as Shot };
}

function mixOf(url: string, { idsFile, headers, prefix }: Mix): Shots {
  const ids = readFileSync(idsFile, 'utf8').split('\n');
  const draw = zipf(ids.length);
  const anyId = (): string => ids[draw(Math.random())] as string;
  const versions = new Versions();
  const versionIn = (text: string): number => Number(VERSION.exec(text)?.[1]);
  const list = { text: textOf(url, { path: '/v1/items?limit=20' }), status: 200 };
  const json = { ...headers, 'content-type': 'application/json' };
  let created = 0;

  const read = (id: string): Shot => ({
    text: textOf(url, { path: `/v1/items/${id}` }),
    status: 200,
    seen: (text, sentAt) => versions.shown(id, versionIn(text), sentAt),
  });
  const update = (id: string): Shot => ({
    text: textOf(url, {
      method: 'PATCH',
      path: `/v1/items/${id}`,
      headers: json,
      body: JSON.stringify({ stock: anyBelow(MAX_STOCK) }),
    }),
    status: 200,
    seen: (text, _sentAt, answeredAt) => versions.acknowledged(id, versionIn(text), answeredAt),
  });
  const create = (): Shot => {
    const body = { sku: `${prefix}-${created++}`, name: 'A lamp of the mix', price: 1999, currency: 'EUR', stock: 1 };
    return {
      text: textOf(url, { method: 'POST', path: '/v1/items', headers: json, body: JSON.stringify(body) }),
      status: 201,
    };
  };

  return {
    next: () => {
      const uniform = Math.random();
      if (uniform < SHARES.reads) return read(anyId());
      if (uniform < SHARES.updates) return update(anyId());
      return uniform < SHARES.lists ? list : create();
    },
    staleness: () => versions.summary(),
  };
}
