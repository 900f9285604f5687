// Writes an answer whose headers are ready as text.
import { type ServerResponse, validateHeaderValue } from 'node:http';
import { SAFE_HEADERS, sendText, takesText } from '@app/http';

/** Lines as they go over the wire, each with its end. @throws TypeError for what would break out of a line */
export function textOfHeaders(headers: Readonly<Record<string, string>>): string {
  let text = '';
  for (const name in headers) {
    const value = headers[name] as string;
    validateHeaderValue(name, value);
    text += `${name}: ${value}\r\n`;
  }
  return text;
}

/** The reverse. */
export const headersOfText = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\r\n')
      .slice(0, -1)
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );

const SAFE = textOfHeaders(SAFE_HEADERS);
const START = { 200: `HTTP/1.1 200 OK\r\n${SAFE}`, 304: `HTTP/1.1 304 Not Modified\r\n${SAFE}` } as const;

const END = '\r\n\r\n';
let end = '';
let endUntil = 0;

/** The lines that Node adds itself, for the rest of this second, and the name of the last header. */
function endOf(now: number, keepAliveMs: number): string {
  if (now >= endUntil) {
    const date = new Date();
    end = `Date: ${date.toUTCString()}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1_000)}\r\nx-request-id: `;
    endUntil = now + 1_000 - date.getMilliseconds();
  }
  return end;
}

export interface Head {
  readonly status: 200 | 304;
  /** Lines of `textOfHeaders`. */
  readonly headers: string;
  readonly requestId: string;
  /** The connection ends with this answer. */
  readonly isLast: boolean;
  /** Milliseconds for which an idle connection stays open. */
  readonly keepAliveMs: number;
  /** `performance.now()` */
  readonly now: number;
}

/** @param body Latin-1 text; empty for none */
export function writeAnswer(response: ServerResponse, head: Head, body: string): void {
  if (takesText && response.shouldKeepAlive && !head.isLast) {
    // Head and body in one text leave in one write; given apart, Node gathers two chunks with `writev`.
    const text = START[head.status] + head.headers + endOf(head.now, head.keepAliveMs) + head.requestId + END + body;
    sendText(response, head.status, text);
  } else {
    response.writeHead(head.status, {
      ...headersOfText(SAFE + head.headers),
      'x-request-id': head.requestId,
      ...(head.isLast && { connection: 'close' }),
    });
    if (body === '') response.end();
    else response.end(body, 'latin1');
  }
}
