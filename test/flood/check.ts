// What a flood of wrong logins does to those who only read: their p99, and the memory of the service.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Progress } from '../coherence/report';
import { checkService, runCheck } from '../support/run-check';
import type { Service } from '../support/service';
import { type Asked, latenciesOf, OpenLoop, type Outcome, percentile, type Seen } from '../support/open-loop';
import { NOT_FIRST, SeparateCaller } from '../support/separate-caller';

const READS_PER_SECOND = 500;
const LOGINS_PER_SECOND = 500;
const ROUNDS = 3;

/** To reach: so much slower, and so much more memory, may it be. */
const MAX_RATIO = 2;
const MAX_GROWTH_MIB = 30;

/** Whoever floods; the service believes the header, since it comes from a proxy that is listed. */
const FLOODS: Readonly<Record<string, (n: number) => string>> = {
  'from one address': () => '198.51.100.7',
  'from everywhere': (n) => `198.18.${(n >> 8) & 255}.${n & 255}`,
};

const login =
  (address: (n: number) => string) =>
  (n: number): Asked => ({
    method: 'POST',
    path: '/v1/auth/login',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address(n) },
    body: JSON.stringify({ email: `nobody-${n}@floodgate.example`, password: 'a wrong password' }),
  });

const residentMib = ({ child }: Service): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1_024;

const described = ({ statuses }: Outcome): string =>
  [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${status === 0 ? 'lost' : status}: ${count}`)
    .join(', ');

async function flood(service: Service, seconds: number, progress: Progress): Promise<string[]> {
  const readers = await SeparateCaller.start(service.url);
  if (!readers.comesFirst) progress.line(NOT_FIRST);
  const attackers = new OpenLoop(service.url);
  const failures: string[] = [];
  const { data } = (await (await fetch(`${service.url}/v1/items?limit=100`)).json()) as { data: { id: string }[] };
  const items = data.map(({ id }) => ({ path: `/v1/items/${id}` }));
  await readers.run(items, READS_PER_SECOND, 3);
  for (const [name, address] of Object.entries(FLOODS)) {
    const seen: Record<'calm' | 'flooded', number[]> = { calm: [], flooded: [] };
    await attackers.run(login(address), LOGINS_PER_SECOND, seconds);
    const before = residentMib(service);
    let attack: Outcome | undefined;
    for (let round = 0; round < ROUNDS; round++) {
      seen.calm.push(p99(await readers.run(items, READS_PER_SECOND, seconds)));
      const reading = readers.run(items, READS_PER_SECOND, seconds);
      attack = await attackers.run(login(address), LOGINS_PER_SECOND, seconds);
      const read = await reading;
      const statuses = new Set(read.map(({ status }) => status));
      seen.flooded.push(p99(read));
      if (statuses.size > 1 || !statuses.has(200))
        failures.push(`reads were answered with ${[...statuses].join(', ')}`);
      progress.show(`${name}: round ${round + 1} of ${ROUNDS}`);
    }
    const growth = residentMib(service) - before;
    const [calm, flooded] = [median(seen.calm), median(seen.flooded)];
    const ratio = median(seen.flooded.map((p99, round) => p99 / (seen.calm[round] as number)));
    progress.line(
      `${LOGINS_PER_SECOND} wrong logins a second ${name}: p99 of reads ${calm.toFixed(1)} ms without, ${flooded.toFixed(1)} ms with ` +
        `(${ratio.toFixed(2)} ×); memory ${growth >= 0 ? '+' : ''}${growth.toFixed(1)} MiB; logins ${attack && described(attack)}`,
    );
    if (ratio > MAX_RATIO)
      failures.push(`${name}: reads are ${ratio.toFixed(2)} × as slow, and ${MAX_RATIO} × is the most`);
    if (growth > MAX_GROWTH_MIB) failures.push(`${name}: memory grew by ${growth.toFixed(1)} MiB`);
  }
  await readers.stop();
  attackers.close();
  return failures;
}

const p99 = (seen: readonly Seen[]): number => percentile(latenciesOf(seen), 0.99);

const median = (values: readonly number[]): number =>
  percentile(
    [...values].sort((a, b) => a - b),
    0.5,
  );

async function main(): Promise<boolean> {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' } } });
  return checkService(
    { TRUST_PROXY: '127.0.0.1' },
    (service, progress) => flood(service, Number(values.seconds), progress),
    'Readers hardly notice.',
  );
}

runCheck(main);
