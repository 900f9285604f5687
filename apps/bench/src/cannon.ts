// Stands in for wrk where that is not installed: `node cannon.js URL CONNECTIONS SECONDS FILE-OF-REQUESTS [look]`.
import { readFileSync } from 'node:fs';
import type { LoadResult } from './wrk';

interface Shot {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Client {
  on(event: 'headers', listener: (answer: { headers: readonly string[] }) => void): void;
}

/** What of autocannon is used; it brings no types. */
type Autocannon = (options: {
  url: string;
  connections: number;
  duration: number;
  timeout: number;
  requests: readonly { setupRequest: (request: object) => object }[];
  setupClient: (client: Client) => void;
}) => Promise<{
  requests: { total: number };
  throughput: { total: number };
  latency: { p50: number; p99: number };
  errors: number;
  duration: number;
  statusCodeStats: Readonly<Record<string, { count: number }>>;
}>;

/** Not known to the compiler, for want of types. */
const AUTOCANNON: string = 'autocannon';

const [url, connections, seconds, file, looks] = process.argv.slice(2) as [string, string, string, string, string?];

/** The format of wrk.lua. */
function readShots(bytes: Buffer): Shot[] {
  const shots: Shot[] = [];
  for (let at = 0; at < bytes.length;) {
    const start = bytes.indexOf(10, at) + 1;
    const end = start + Number(bytes.toString('latin1', at, start - 1));
    shots.push(shotOf(bytes.toString('utf8', start, end)));
    at = end;
  }
  return shots;
}

function shotOf(text: string): Shot {
  const split = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, split).split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  const headers = lines.map((line) => line.split(/: (.*)/s, 2) as [string, string]);
  const own = headers.filter(([name]) => name !== 'host' && name !== 'content-length');
  const body = text.slice(split + 4);
  return { method, path, headers: Object.fromEntries(own), ...(body !== '' && { body }) };
}

async function load(): Promise<LoadResult> {
  const shots = readShots(readFileSync(file));
  const { default: autocannon } = (await import(AUTOCANNON)) as { default: Autocannon };
  let hits = 0;
  const countHits = (client: Client): void =>
    client.on('headers', ({ headers }) => {
      const at = headers.findIndex((name) => /^(cache-status|x-cache)$/i.test(name));
      if (/hit/i.test(headers[at + 1] ?? '') && at >= 0) hits++;
    });
  const result = await autocannon({
    url,
    connections: Number(connections),
    duration: Number(seconds),
    timeout: 5,
    requests: [{ setupRequest: () => ({ ...shots[Math.floor(Math.random() * shots.length)] }) }],
    setupClient: looks === undefined ? () => undefined : countHits,
  });
  const counts = Object.entries(result.statusCodeStats).map(([status, { count }]) => [status, count] as const);
  return {
    requests: result.requests.total,
    seconds: result.duration,
    bytes: result.throughput.total,
    failed: result.errors,
    refused: counts.reduce((sum, [status, count]) => (Number(status) >= 400 ? sum + count : sum), 0),
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    statuses: looks === undefined ? {} : Object.fromEntries(counts),
    hits,
  };
}

load().then(
  (result) => process.stdout.write(`RESULT ${JSON.stringify(result)}\n`),
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
