// Asks two questions in turn, in random order, over one connection, and notes how long each answer takes.
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';

export interface Question {
  readonly path: string;
  readonly body: string;
  readonly type: string;
}

/** Two questions whose answers nobody may tell apart; made anew each time, for the pair of this number. */
export interface Secret {
  readonly name: string;
  /** Of both answers. */
  readonly status: number;
  readonly yes: (pair: number) => Question;
  readonly no: (pair: number) => Question;
}

interface Answered {
  readonly ms: number;
  /** What may be compared: status, names of the headers, and the body without what names this one request. */
  readonly content: string;
}

export interface Times {
  readonly yes: number[];
  readonly no: number[];
  /** Every content that was seen, by question: each must be the same one. */
  readonly contents: ReadonlySet<string>;
}

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

async function ask(url: string, { path, body, type }: Question): Promise<Answered> {
  const sent = request(new URL(path, url), { agent, method: 'POST', headers: { 'content-type': type } });
  const askedAt = performance.now();
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  const ms = performance.now() - askedAt;
  const id = String(answer.headers['x-request-id']);
  const names = Object.keys(answer.headers).sort().join(' ');
  return { ms, content: `${answer.statusCode} ${names} ${text.replaceAll(id, '…')}` };
}

/** @param told how many pairs were asked so far */
export async function askPairs(
  url: string,
  secret: Secret,
  pairs: number,
  told: (asked: number) => void,
): Promise<Times> {
  const times = { yes: [] as number[], no: [] as number[] };
  const contents = new Set<string>();
  for (let pair = 0; pair < pairs; pair++) {
    const order = Math.random() < 0.5 ? (['yes', 'no'] as const) : (['no', 'yes'] as const);
    for (const which of order) {
      const { ms, content } = await ask(url, secret[which](pair));
      times[which].push(ms);
      contents.add(content);
    }
    told(pair + 1);
  }
  return { ...times, contents };
}
