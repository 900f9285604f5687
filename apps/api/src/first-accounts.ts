import { randomBytes } from 'node:crypto';
import type { Config } from '@app/config';
import { Database } from '@app/database';
import type { INestApplicationContext } from '@nestjs/common';
import { DemoItems } from './items/items.demo.service';
import { DEMO_USER, UsersService } from './users/users.service';

const SEEDING_MS = 60_000;

export interface FirstAccounts {
  /** Set when this start made the administrator with a password of its own: the one time to show it. */
  readonly generatedPassword?: string;
}

/** Makes the administrator and, in the embedded database, the demo account with its items; does nothing the second time. */
export async function ensureFirstAccounts(app: INestApplicationContext, config: Config): Promise<FirstAccounts> {
  const users = app.get(UsersService);
  const generated = randomBytes(12).toString('base64url');
  const { adminEmail: email, adminPassword: password = generated } = config;
  const isNew =
    email !== undefined &&
    (await users.ensureAccount({ email, password, displayName: 'Administrator', role: 'admin' }));
  // In one transaction, so that a first start that is cut short begins anew; another process waits for its end.
  if (config.embedded)
    await app.get(Database).transaction(
      async () => {
        const isFirstStart = await users.ensureAccount({ ...DEMO_USER, role: 'user' });
        if (isFirstStart) await app.get(DemoItems).ensure(DEMO_USER.id, config.seedItems ?? 0);
      },
      { statementMs: SEEDING_MS, lockMs: SEEDING_MS },
    );
  return isNew && config.adminPassword === undefined ? { generatedPassword: generated } : {};
}
