// From the start of the process to its first answer, on a database that is there; and its memory under mixed load.
import { copyOfWorld } from './databases';
import { drive } from './drive';
import { residentMebibytesOf } from './machine';
import { mixedOf } from './mix';
import { floodgate } from './rivals';
import { ask } from './requests';
import { atMost, type Scenario } from './scenario';
import { startService } from './service';
import { spreadOf } from './statistics';

const MEMORY_MB = '64';
const SAMPLE_MS = 1_000;
/** Shorter than the life of a login. */
const CHUNK_SECONDS = 60;
const WHOLE_SOAK_MINUTES = 10;
/** In minutes any machine has moments when a service does well to refuse; they are told. */
const MOST_REFUSED = 0.001;

export const start: Scenario = {
  name: 'start',
  title: 'from the start of the process to its first answer, on an existing database',
  run: async (world, { rounds }) => {
    const seconds: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const startedAt = performance.now();
      const server = await startService(world);
      const { status } = await ask(server.url, { path: `/v1/items/${world.ids[0]}` });
      seconds.push((performance.now() - startedAt) / 1_000);
      await server.stop();
      if (status !== 200) throw new Error(`The first answer was ${status}.`);
      process.stderr.write('.');
    }
    const { median, max } = spreadOf(seconds);
    const figures = [
      { name: 'first answer after', value: median, unit: 's' },
      { name: 'the slowest of them', value: max, unit: 's' },
    ];
    return { figures, goals: [atMost('start to the first answer, in s', median, 2)] };
  },
};

export const soak: Scenario = {
  name: 'soak',
  title: `resident memory under the mix, CACHE_MEMORY_MB=${MEMORY_MB}`,
  run: async (world, { soakMinutes, connections }) => {
    const url = await copyOfWorld(world, 'soak', true);
    const mixed = await mixedOf(world, floodgate(world, { DATABASE_URL: url, CACHE_MEMORY_MB: MEMORY_MB }));
    const { name, server, source } = mixed;
    const series = { name, seconds: [0], mebibytes: [residentMebibytesOf(server.pid)] };
    const startedAt = performance.now();
    const sampler = setInterval(() => {
      series.seconds.push((performance.now() - startedAt) / 1_000);
      series.mebibytes.push(residentMebibytesOf(server.pid));
    }, SAMPLE_MS);
    let requests = 0;
    let refused = 0;
    try {
      for (let left = soakMinutes * 60; left > 0; left -= CHUNK_SECONDS) {
        const seconds = Math.min(left, CHUNK_SECONDS);
        const plan = { url: server.url, connections, seconds, source: await source() };
        const result = await drive(name, world.directory, plan, MOST_REFUSED);
        requests += result.requests;
        refused += result.refused;
        process.stderr.write('.');
      }
    } finally {
      clearInterval(sampler);
      await server.stop();
    }
    const most = Math.max(...series.mebibytes);
    const figures = [
      { name: 'lasted', value: soakMinutes, unit: 'min' },
      { name: 'requests', value: requests, unit: '' },
      { name: 'refused', value: refused, unit: '' },
      { name: 'idle', value: series.mebibytes[0] ?? NaN, unit: 'MiB' },
      { name: 'at the most', value: most, unit: 'MiB' },
    ];
    const what = `resident after ${soakMinutes} of ${WHOLE_SOAK_MINUTES} minutes, in MiB`;
    return { figures, memory: [series], goals: [atMost(what, most, 200)] };
  },
};
