// A bare server of Node that always says the same: the most that Node can do. Its one argument is a file with the answer.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly isText: boolean;
}

const { status, headers, body, isText } = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as Answer;
const content = isText ? body : Buffer.from(body, 'base64');

const server = createServer((_request, response) => {
  response.writeHead(status, headers);
  if (status === 304) response.end();
  else response.end(content);
});
// The service's own, since Node tells clients of it.
server.keepAliveTimeout = 75_000;
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
