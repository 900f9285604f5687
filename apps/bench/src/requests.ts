// What is asked, as the bytes of a request: the same for the load, for the first look and for the answer that a baseline repeats.
import { Agent, type IncomingMessage, request } from 'node:http';
import { writeFileSync } from 'node:fs';

export interface Ask {
  readonly method?: 'GET' | 'PATCH' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** As it goes over the wire. */
export function textOf(url: string, { method = 'GET', path, headers = {}, body = '' }: Ask): string {
  const length = Buffer.byteLength(body);
  const all = { host: new URL(url).host, ...headers, ...(length > 0 && { 'content-length': String(length) }) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

/** What wrk.lua reads: the length of each request in bytes, a line feed, and the request. */
export function writeRequests(file: string, url: string, asks: readonly Ask[]): void {
  const texts = asks.map((each) => textOf(url, each));
  writeFileSync(file, texts.map((text) => `${Buffer.byteLength(text)}\n${text}`).join(''));
}

/** Sends exactly these headers, and decodes nothing. */
export async function ask(url: string, { method = 'GET', path, headers, body }: Ask, agent?: Agent): Promise<Reply> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(new URL(path, url), { method, headers, agent }, resolve).once('error', reject).end(body);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const { statusCode = 0, rawHeaders } = answer;
  const pairs = rawHeaders.flatMap((name, at): [string, string][] =>
    at % 2 === 0 ? [[name.toLowerCase(), rawHeaders[at + 1] as string]] : [],
  );
  return { status: statusCode, headers: Object.fromEntries(pairs), body: Buffer.concat(chunks) };
}

/** Asks each once, so that whatever keeps answers has it. @throws Error when a status differs */
export async function askAll(url: string, asks: readonly Ask[], status: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const left = asks[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const each of left) {
      const reply = await ask(url, each, agent);
      if (reply.status !== status)
        throw new Error(`${url}${each.path} answered ${reply.status} instead of ${status}: ${reply.body.toString()}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: 32 }, worker));
  } finally {
    agent.destroy();
  }
}
