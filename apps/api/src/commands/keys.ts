import { parseArgs } from 'node:util';
import { Database, migrate, pendingMigrations } from '@app/database';
import { Keyring } from '../signing-keys/signing-keys.keyring';
import { SigningKeysRepository, type StoredKey } from '../signing-keys/signing-keys.repository';
import { replaceKeys, rotateKeys } from '../signing-keys/signing-keys.rotation';
import type { Command } from './context';
import { withDataSource } from './source';

/** `npm run keys -- list` and `rotate`: the keys that access tokens are signed with. Without the application, which their state may hinder. */
export const runKeys: Command = (args) => {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { now: { type: 'boolean', default: false } },
  });
  const [action, ...more] = positionals;
  const isKnown = action === 'rotate' || (action === 'list' && !values.now);
  if (!isKnown || more.length > 0) {
    process.stderr.write('Say what to do with the keys: list, rotate, or rotate --now.\n');
    return Promise.resolve(1);
  }
  return withDataSource(async (dataSource, { jwtSecret, migrate: mayMigrate }) => {
    if (mayMigrate) await migrate(dataSource);
    if ((await pendingMigrations(dataSource)).length > 0) {
      process.stderr.write('The schema is not up to date: run `npm run migrate` first.\n');
      return 1;
    }
    const rows = new SigningKeysRepository(new Database(dataSource));
    if (action === 'rotate' && !values.now && Keyring.open(await rows.living(), jwtSecret).isForeign) {
      process.stderr.write(
        'JWT_SECRET is not the one that the keys were sealed with: give that one, or replace them all by `npm run keys -- rotate --now`.\n',
      );
      return 1;
    }
    if (action === 'rotate') await (values.now ? replaceKeys : rotateKeys)(rows, jwtSecret);
    const stored = await rows.living();
    const signer = Keyring.open(stored, jwtSecret).signer()?.id;
    const lines = stored.map((key) => `${key.id}  ${stateOf(key, signer, jwtSecret)}\n`);
    process.stdout.write(lines.join('') || 'There are no keys yet: the first start makes one.\n');
    return 0;
  });
};

function stateOf(key: StoredKey, signer: string | undefined, secret: string): string {
  if (Keyring.open([key], secret).isForeign) return 'was sealed with another JWT_SECRET';
  const verifies = key.endsAt && `verifies until ${key.endsAt.toISOString()}`;
  if (key.id === signer) return ['signs', verifies].filter(Boolean).join(', and ');
  return verifies ?? `signs from ${key.signsFrom.toISOString()}`;
}
