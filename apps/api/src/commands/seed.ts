import { parseArgs } from 'node:util';
import { DemoItems } from '../items/items.demo.service';
import { DEMO_USER, UsersService } from '../users/users.service';
import { type Command, withApplication } from './context';

const MOST = 10_000_000;

/** `npm run seed -- --items N`: the first N demo items are there afterwards. */
export const runSeed: Command = (args) => {
  const { values } = parseArgs({ args, options: { items: { type: 'string', default: '1000' } } });
  const count = Number(values.items);
  if (!Number.isInteger(count) || count < 0 || count > MOST) {
    process.stderr.write(`--items must be a whole number from 0 to ${MOST}.\n`);
    return Promise.resolve(1);
  }
  return withApplication(async ({ app, config }) => {
    const owner = config.embedded ? DEMO_USER.id : (await app.get(UsersService).firstAdmin()).id;
    const show = (done: number) => process.stdout.isTTY && process.stdout.write(`\r${done} of ${count}`);
    const added = await app.get(DemoItems).ensure(owner, count, show);
    process.stdout.write(
      `${process.stdout.isTTY ? '\r' : ''}${added} demo items added, ${count - added} were there.\n`,
    );
    return 0;
  });
};
