// What the checker reads and writes: made by SQL, and mirrored here as registers.
import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { Register, StateRegister } from './history';

export interface Owner {
  readonly id: string;
  /** `Owner 7` has the rank 7. */
  readonly name: Register;
}

/** The last write of an item whose token is known. */
export interface Stamp {
  readonly token: string;
  readonly rank: number;
}

export interface Item {
  readonly id: string;
  readonly sku: string;
  readonly owner: Owner;
  readonly version: Register;
  stamp?: Stamp;
}

/** An account that is disabled and enabled again and again, and that keeps asking who it is. */
export interface Account {
  readonly id: string;
  readonly email: string;
  readonly status: StateRegister<'active' | 'disabled'>;
}

export interface Catalogue {
  /** Written one by one, and by statements over many of them. */
  readonly items: readonly Item[];
  /** The first few of them. */
  readonly hottest: readonly Item[];
  /** Read seldom, so that what is cached of them grows old. */
  readonly cold: readonly Item[];
  /** Written by nobody but transactions that stay open. */
  readonly held: readonly Item[];
  readonly owners: readonly Owner[];
  readonly accounts: readonly Account[];
  readonly admin: { readonly id: string; readonly email: string };
}

/** Few enough for the least memory that a cache can have. */
const HOT = 60;
const HOTTEST = 5;
/** Together with the hot ones more than one statement may change without being logged as `items:*`. */
const COLD = 960;
const HELD = 16;
const OWNERS = 12;
const ACCOUNTS = 3;

export const PASSWORD = 'correct horse battery staple';
/** argon2id of PASSWORD with the parameters of the service. */
const PASSWORD_HASH =
  '$argon2id$v=19$m=19456,t=2,p=1$y1f+HHcYdyldlWYRkigWOw$FFc3qrrFZsvSt+yp4db1cB+N3d6ulRRi23CutZL/pwY';

export async function createCatalogue(client: Client): Promise<Catalogue> {
  const addUser = async (email: string, name: string, role: 'user' | 'admin' = 'user'): Promise<string> => {
    const id = randomUUID();
    await client.query(`INSERT INTO users (id, email, display_name, password_hash, role) VALUES ($1, $2, $3, $4, $5)`, [
      id,
      email,
      name,
      PASSWORD_HASH,
      role,
    ]);
    // Whose id is the account's, since nobody has more than one.
    await client.query(
      `INSERT INTO sessions (id, user_id, token_generation, family, token, expires_at)
       SELECT id, id, 1, id::text, id::text, now() + interval '1 day' FROM users WHERE id = $1`,
      [id],
    );
    return id;
  };
  const run = randomUUID().slice(0, 8);
  const admin = {
    email: `admin-${run}@test.example`,
    id: await addUser(`admin-${run}@test.example`, 'Admin', 'admin'),
  };
  const owners: Owner[] = [];
  for (let n = 0; n < OWNERS; n++) {
    const id = await addUser(`owner-${run}-${n}@test.example`, 'Owner 1');
    owners.push({ id, name: acknowledged(`name of owner ${n}`) });
  }
  const accounts: Account[] = [];
  for (let n = 0; n < ACCOUNTS; n++) {
    const email = `account-${run}-${n}@test.example`;
    const status = new StateRegister<'active' | 'disabled'>(`status of account ${n}`, 'active');
    accounts.push({ id: await addUser(email, `Account ${n}`), email, status });
  }
  const make = (count: number, kind: string): Item[] =>
    Array.from({ length: count }, (_, n) => ({
      id: randomUUID(),
      sku: `${kind}-${run}-${n}`,
      owner: owners[n % OWNERS] as Owner,
      version: acknowledged(`${kind} item ${n}`),
    }));
  const [items, cold, held] = [make(HOT, 'hot'), make(COLD, 'cold'), make(HELD, 'held')];
  await insertItems(client, [...items, ...cold, ...held]);
  return { items, hottest: items.slice(0, HOTTEST), cold, held, owners, accounts, admin };
}

async function insertItems(client: Client, items: readonly Item[]): Promise<void> {
  await client.query(
    `INSERT INTO items (id, sku, name, owner_id)
     SELECT id, sku, 'Coherent ' || sku, owner_id FROM unnest($1::uuid[], $2::text[], $3::uuid[]) AS t (id, sku, owner_id)`,
    [items.map(({ id }) => id), items.map(({ sku }) => sku), items.map(({ owner }) => owner.id)],
  );
}

/** Written before anybody reads. */
function acknowledged(name: string): Register {
  const register = new Register(name);
  register.acknowledge(1, performance.now());
  return register;
}
