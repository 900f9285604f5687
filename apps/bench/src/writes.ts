// What the change log costs single-row writes: the same updates with the triggers of the table switched off and on.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { pinned, run } from './child';
import type { Options } from './options';
import { type Ask, writeRequests } from './requests';
import { atLeast, type Result, type Scenario } from './scenario';
import { login, startService } from './service';
import { type Round, summaryOf } from './summary';
import { load, measuredLoad, refuseFailures } from './wrk';
import type { World } from './world';

const CLIENTS = 16;
const MAX_STOCK = 1_000_000;

export const writes: readonly Scenario[] = [
  { name: 'writes', title: `single-row updates, ${CLIENTS} clients, straight to PostgreSQL`, run: sqlWrites },
  { name: 'api-writes', title: `PATCH of an item, ${CLIENTS} clients`, isLong: true, run: apiWrites },
];

function sqlWrites(world: World, { rounds, seconds }: Options): Promise<Result> {
  const idsFile = join(world.directory, 'ids');
  writeFileSync(idsFile, world.ids.join('\n'));
  const args = [world.databaseUrl, String(CLIENTS), String(seconds), idsFile];
  return inTurn(world, rounds, async () => {
    const output = await run(pinned(join(__dirname, 'sql-writer.js'), args));
    return JSON.parse(/^RESULT (.+)$/m.exec(output)?.[1] ?? '') as Round;
  });
}

async function apiWrites(world: World, { rounds, seconds, warmUpSeconds }: Options): Promise<Result> {
  const service = await startService(world);
  try {
    const requestsFile = join(world.directory, 'patches.requests');
    writeRequests(requestsFile, service.url, await patches(world, service.url));
    const options = { url: service.url, requestsFile, connections: CLIENTS, seconds };
    refuseFailures('Floodgate', await load({ ...options, seconds: warmUpSeconds }));
    return await inTurn(world, rounds, async () => {
      const { round, result } = await measuredLoad(service.pid, options);
      refuseFailures('Floodgate', result);
      return round;
    });
  } finally {
    await service.stop();
  }
}

/** Rarely twice in a row the same for one item: a patch that changes nothing writes nothing. */
async function patches({ ids, admin }: World, url: string): Promise<Ask[]> {
  const authorization = await login(url, admin);
  const headers = { 'content-type': 'application/merge-patch+json', authorization };
  return Array.from({ length: 50_000 }, (_, at) => ({
    method: 'PATCH',
    path: `/v1/items/${ids[(at * 7919) % Math.min(ids.length, 2_000)]}`,
    headers,
    body: JSON.stringify({ stock: (at * 104_729) % MAX_STOCK }),
  }));
}

async function inTurn({ databaseUrl }: World, rounds: number, write: () => Promise<Round>): Promise<Result> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  const done = { off: [] as Round[], on: [] as Round[] };
  const setTriggers = (to: 'off' | 'on') =>
    client.query(`ALTER TABLE items ${to === 'on' ? 'ENABLE' : 'DISABLE'} TRIGGER USER`);
  try {
    for (let round = 0; round < rounds; round++)
      for (const to of round % 2 === 0 ? (['off', 'on'] as const) : (['on', 'off'] as const)) {
        await setTriggers(to);
        done[to].push(await write());
        process.stderr.write('.');
      }
  } finally {
    await setTriggers('on');
    await client.end();
  }
  const logged = summaryOf('logged', done.on, done.off);
  const goals = [atLeast('logged / not logged', logged.ratio.median, 0.65)];
  return { summaries: [summaryOf('not logged', done.off, done.off), logged], goals };
}
