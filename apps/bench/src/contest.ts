// Servers side by side: the same requests for each, round by round in turn, so that a slow minute of the machine hits them all.
import { join } from 'node:path';
import type { Server } from './child';
import { peakMebibytesOf } from './machine';
import type { Options } from './options';
import { type Ask, askAll, writeRequests } from './requests';
import { type Round, type Summary, summaryOf } from './summary';
import { load, type LoadResult, measuredLoad, refuseFailures } from './wrk';

export interface Contestant {
  readonly name: string;
  readonly start: () => Promise<Server>;
  /** If it is asked for other things than the rest. */
  readonly asks?: readonly Ask[];
  /** Before each load: for those who are one server in several states. */
  readonly prepare?: () => void;
}

export interface Contest {
  readonly name: string;
  readonly asks: readonly Ask[];
  /** How many of them are asked once before; all unless given. */
  readonly askedBefore?: number;
  /** That every answer must have. */
  readonly status: number;
  /** The first is what the others are compared with. */
  readonly contestants: readonly Contestant[];
}

interface Entrant {
  readonly name: string;
  readonly prepare: () => void;
  readonly server: Server;
  readonly requestsFile: string;
  readonly rounds: Round[];
  hits: number;
  bytesPerAnswer: number;
}

/** The answers that are measured and those that were looked at may differ this much in size. */
const MAX_DIFFERENCE = 0.25;

export async function hold(contest: Contest, options: Options, directory: string): Promise<Summary[]> {
  const entrants: Entrant[] = [];
  try {
    for (const contestant of contest.contestants) {
      const { name } = contestant;
      const prepare = (): void => contestant.prepare?.();
      const server = await contestant.start();
      const requestsFile = join(directory, `${contest.name}-${entrants.length}.requests`);
      entrants.push({ name, prepare, server, requestsFile, rounds: [], hits: 0, bytesPerAnswer: 0 });
      const asks = contestant.asks ?? contest.asks;
      writeRequests(requestsFile, server.url, asks);
      await askAll(server.url, asks.slice(0, contest.askedBefore), contest.status);
    }
    for (const entrant of entrants) {
      entrant.prepare();
      if (!options.isQuick) await load({ ...loadOf(entrant, options), seconds: options.warmUpSeconds });
      await look(entrant, contest, options, options.isQuick ? options.warmUpSeconds : 1);
    }
    for (let round = 0; round < options.rounds; round++)
      for (const entrant of round % 2 === 0 ? entrants : [...entrants].reverse()) {
        entrant.rounds.push(await measure(entrant, options));
        process.stderr.write('.');
      }
    if (!options.isQuick) for (const entrant of entrants) await look(entrant, contest, options);
    return entrants.map(({ name, server, rounds, hits }) => ({
      ...summaryOf(name, rounds, entrants[0]?.rounds ?? []),
      residentMebibytes: peakMebibytesOf(server.pid),
      hits,
    }));
  } finally {
    for (const { server } of entrants) await server.stop();
  }
}

const loadOf = ({ server, requestsFile }: Entrant, { connections, seconds }: Options) => ({
  url: server.url,
  requestsFile,
  connections,
  seconds,
});

/** Into each answer. @throws Error when one has another status */
async function look(entrant: Entrant, { name, status }: Contest, options: Options, seconds = 1): Promise<void> {
  entrant.prepare();
  const result = await load({ ...loadOf(entrant, options), seconds, looks: true });
  refuseFailures(entrant.name, result);
  if (Object.keys(result.statuses).join() !== String(status))
    throw new Error(
      `${name}: ${entrant.name} answered ${JSON.stringify(result.statuses)}, and only ${status} is right.`,
    );
  entrant.hits = result.hits / result.requests;
  entrant.bytesPerAnswer = bytesPerAnswer(result);
}

/** @throws Error when a connection failed, an answer was a refusal, or the answers are others than those looked at */
async function measure(entrant: Entrant, options: Options): Promise<Round> {
  entrant.prepare();
  const { round, result } = await measuredLoad(entrant.server.pid, loadOf(entrant, options));
  refuseFailures(entrant.name, result);
  const size = bytesPerAnswer(result) / entrant.bytesPerAnswer;
  if (Math.abs(size - 1) > MAX_DIFFERENCE)
    throw new Error(`${entrant.name}: the answers changed their size to ${size.toFixed(2)} of what they had before.`);
  return round;
}

const bytesPerAnswer = ({ bytes, requests }: LoadResult): number => bytes / requests;
