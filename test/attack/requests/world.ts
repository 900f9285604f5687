// Three accounts, and whatever one sequence of requests has made and been told: what placeholders stand for.
import { decodeJwt } from 'jose';
import type { Account, TestApi } from '../../support/api';
import { bytesOf } from './bodies';
import type { Secret } from './judge';
import { filled } from './placeholders';
import type { Rows } from './rights';
import type { Answer, Sent } from './sender';
import type { Caller, Step } from './steps';

const PASSWORD_HASH = '$argon2';
const FORGED = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.';
const DAY_MS = 86_400_000;
const ABSENT_ID = '01941f29-7c00-7a3b-9c4d-000000000000';
/** What nobody has. */
const ABSENT: Readonly<Record<string, string>> = {
  refresh: Buffer.alloc(32).toString('base64url'),
  mailed: Buffer.alloc(32).toString('base64url'),
  sku: 'ABSENT',
  etag: `"${ABSENT_ID}.1"`,
  address: 'nobody@attack.example',
  cursor: 'bm90LWEtY3Vyc29y',
  token: '1',
};

type Cast = Readonly<Record<'user' | 'other' | 'admin', Account>>;

export class World {
  private cast?: Cast;
  private standings = new Map<string, string>();
  /** By word, the last one first. */
  private seen = new Map<string, string[]>();
  private serial = 0;

  constructor(private readonly api: TestApi) {}

  get accounts(): Account[] {
    return Object.values(this.cast ?? {});
  }

  /** Everything is as if nothing had been asked before; accounts that were changed are replaced. */
  async begin(rows: Rows): Promise<void> {
    const { user, other, admin } = this.cast ?? {};
    const isAsMade = (one: Account | undefined): one is Account =>
      one !== undefined && rows.get(one.id)?.standing === this.standings.get(one.id);
    const keep = async (one: Account | undefined, role: 'user' | 'admin') => {
      if (isAsMade(one)) return one;
      const made = await this.api.createAccount({ role });
      this.standings.set(made.id, '');
      return made;
    };
    this.cast = { user: await keep(user, 'user'), other: await keep(other, 'user'), admin: await keep(admin, 'admin') };
    this.seen = new Map([
      ['users.id', this.accounts.map(({ id }) => id)],
      ['sessions.id', this.accounts.map(({ token }) => String(decodeJwt(token)['sid']))],
      ['refresh', this.accounts.map(({ refreshToken }) => String(refreshToken))],
    ]);
  }

  /** @param rows as they are now: what the accounts must still be when the next sequence begins */
  settle(rows: Rows): void {
    this.standings = new Map(this.accounts.map(({ id }) => [id, rows.get(id)?.standing ?? '']));
  }

  accountOf(caller: Caller): Account | undefined {
    return caller === 'anonymous' || caller === 'forged' ? undefined : this.cast?.[caller];
  }

  /** The request of a step, with everything filled in. */
  request({ caller, method, url, headers, body }: Step): Sent {
    const account = this.accountOf(caller);
    const valueOf = (word: string, index: number) => this.valueOf(word, index, account);
    const encoded = (word: string, index: number) => {
      const value = valueOf(word, index);
      return value === undefined ? value : encodeURIComponent(value);
    };
    const isForm = body?.type.endsWith('urlencoded') ?? false;
    const token = account?.token ?? (caller === 'forged' ? FORGED : undefined);
    const own = Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      headerText(filled(value, valueOf)),
    ]);
    return {
      method,
      url: filled(url, encoded),
      headers: {
        ...(Object.fromEntries(own) as Record<string, string>),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body && body.type !== '' && { 'content-type': body.type }),
      },
      body:
        body && bytesOf(body, filled(body.text, isForm ? encoded : (...word) => within(body.type, valueOf(...word)))),
    };
  }

  private valueOf(word: string, index: number, account: Account | undefined): string | undefined {
    if (word === 'fresh') return `sku-${this.serial++}`;
    if (word === 'soon') return new Date(Date.now() + (index + 1) * DAY_MS).toISOString();
    if (word === 'password') return account?.password ?? this.cast?.user.password;
    if (word === 'email') return (account ?? this.cast?.user)?.email;
    if (word === 'address' && index < 3) return `fresh-${this.serial++}@attack.example`;
    const values = this.seen.get(word) ?? [];
    // One more than there are: the absent is asked for, too.
    return values[index % (values.length + 1)] ?? (word.endsWith('.id') ? ABSENT_ID : ABSENT[word]);
  }

  /** Remembers what an answer tells about resources. @param collection what ids are ids of */
  learn({ headers, text, status }: Answer, collection: string | undefined): void {
    const tell = (word: string, value: unknown) => {
      if (typeof value !== 'string') return;
      this.seen.set(word, [value, ...(this.seen.get(word) ?? []).filter((one) => one !== value)].slice(0, 6));
    };
    if (status >= 300) return;
    tell('token', headers['consistency-token']);
    tell('etag', headers.etag);
    const [, made, id] = /^\/v1\/([\w-]+)\/([\w-]+)$/.exec(headers.location ?? '') ?? [];
    tell(`${made}.id`, id);
    if (!/^application\/json/.test(headers['content-type'] ?? '') || text === '') return;
    const body = JSON.parse(text) as Record<string, unknown>;
    const data = (body['data'] ?? []) as { id?: unknown }[];
    for (const one of headers.location === undefined ? [body, ...data] : data) tell(`${collection}.id`, one.id);
    tell('sku', body['sku']);
    tell('refresh', body['refreshToken'] ?? body['refresh_token']);
    tell('cursor', (body['page'] as { next?: unknown } | undefined)?.next);
  }

  /** What may not be told to this caller, unless it said so itself. */
  secretsFor(caller: Caller, { url, body }: Sent): Secret[] {
    const said = `${unescaped(url)}${body?.toString() ?? ''}`;
    const others = Object.entries(this.cast ?? {}).filter(([name]) => name !== caller && caller !== 'admin');
    return [
      { text: PASSWORD_HASH, name: 'a password’s hash' },
      ...others.map(([name, { email }]) => ({ text: email, name: `the address of ${name}` })),
      ...this.accounts.map(({ password }) => ({ text: password, name: 'a password' })),
    ].filter(({ text }) => !said.includes(text));
  }
}

function unescaped(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

/** A value as it stands within a quoted text of this type. */
const within = (type: string, value: string | undefined): string | undefined =>
  type.includes('csv') ? value?.replaceAll('"', '""') : value && JSON.stringify(value).slice(1, -1);

/** What a header line can carry at all. */
const headerText = (text: string): string => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?').trim();
