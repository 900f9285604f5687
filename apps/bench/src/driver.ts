// A process that loads a server over raw sockets: `node driver.js PLAN`. Closed loop: each connection sends as soon as it is
// answered. Open loop: requests are due at a fixed rate, and their latency counts from then, so that a stall is seen.
import { readFileSync } from 'node:fs';
import type { Drive, DriveResult } from './drive';
import { type Shot, shotsOf } from './shots';
import { Wire } from './wire';

/** Milliseconds that are waited for what was due and is not answered. */
const GRACE_MS = 5_000;

const plan = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as Drive;
const { url, connections, seconds, ratePerSecond } = plan;
const shots = shotsOf(url, plan.source);
const latencies: number[] = [];
let [failed, refused, wrongStatus] = [0, 0, 0];

function fire(wire: Wire, { text, status, seen }: Shot, dueAt: number, answered: () => void): void {
  const sentAt = performance.now();
  wire.send(text, (answer) => {
    const answeredAt = performance.now();
    latencies.push(answeredAt - dueAt);
    if (answer === undefined) failed++;
    else if (answer.status === status) seen?.(answer.text, sentAt, answeredAt);
    else {
      refused++;
      wrongStatus = answer.status;
    }
    answered();
  });
}

async function closedLoop(wires: readonly Wire[]): Promise<void> {
  const endsAt = performance.now() + seconds * 1_000;
  const turn = (wire: Wire): Promise<void> =>
    new Promise((resolve) => {
      const next = (): void => {
        const now = performance.now();
        // A server that refuses connections must not be asked for ever.
        if (now >= endsAt || failed > connections) resolve();
        else fire(wire, shots.next(), now, next);
      };
      next();
    });
  await Promise.all(wires.map(turn));
}

function openLoop(wires: readonly Wire[], rate: number): Promise<void> {
  const idle = [...wires];
  const startedAt = performance.now();
  const total = Math.round(rate * seconds);
  let sent = 0;
  let answered = 0;
  const dueAt = (at: number): number => startedAt + (at * 1_000) / rate;
  return new Promise((resolve) => {
    const pump = (): void => {
      for (let wire; sent < total && dueAt(sent) <= performance.now() && (wire = idle.pop()); sent++) {
        const own = wire;
        fire(own, shots.next(), dueAt(sent), () => {
          answered++;
          idle.push(own);
          pump();
        });
      }
    };
    const tick = (): void => {
      pump();
      const now = performance.now();
      if (answered === total || now > dueAt(total) + GRACE_MS) {
        // What never came counts with the time that it was waited for.
        for (let at = answered; at < total; at++) latencies.push(now - dueAt(at));
        failed += total - answered;
        resolve();
      } else if (plan.isPrecise) setImmediate(tick);
      else setTimeout(tick, 1);
    };
    tick();
  });
}

async function drive(): Promise<DriveResult> {
  const wires = await Promise.all(Array.from({ length: connections }, () => Wire.open(url)));
  const startedAt = performance.now();
  await (ratePerSecond === undefined ? closedLoop(wires) : openLoop(wires, ratePerSecond));
  const lasted = (performance.now() - startedAt) / 1_000;
  for (const wire of wires) wire.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(share * (latencies.length - 1))] ?? NaN;
  const [p50Ms, p90Ms, p99Ms, p999Ms, maxMs] = [0.5, 0.9, 0.99, 0.999, 1].map(at) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const quantiles = { p50Ms, p90Ms, p99Ms, p999Ms, maxMs };
  return {
    requests: latencies.length,
    seconds: lasted,
    failed,
    refused,
    wrongStatus,
    ...quantiles,
    staleness: shots.staleness?.(),
  };
}

drive().then(
  (result) => {
    process.stdout.write(`RESULT ${JSON.stringify(result)}\n`, () => process.exit(0));
  },
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  },
);
