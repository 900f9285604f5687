// Clients that ask for much and read nothing: they take up their connections, and nobody else's reads.
import { once } from 'node:events';
import { Raw } from '../support/raw';
import { attack } from '../support/target';

/** More than reads are let in at once to begin with. */
const CLIENTS = 150;
/** More than the kernel takes for a client that reads nothing. */
const EACH = 8;

const scene = attack();

const clients: Raw[] = [];
afterEach(() => clients.splice(0).forEach((raw) => raw.close()));

/** Asks, and reads no more than the beginning of the first answer. */
async function askAndStay(path: string): Promise<void> {
  const raw = await Raw.open(scene.target.port);
  clients.push(raw);
  await raw.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(EACH));
  await once(raw.socket, 'data');
  raw.socket.pause();
}

it.each(['/docs/swagger-ui-bundle.js', '/openapi.json'])(
  'reads are answered beside those who do not read %s',
  async (path) => {
    const { target } = scene;
    await Promise.all(Array.from({ length: CLIENTS }, () => askAndStay(path)));
    for (let n = 0; n < 20; n++)
      expect(await target.ask('GET', `/docs/problems?n=${n}`)).toMatchObject({ status: 200 });
    expect(clients.every((raw) => !raw.isClosed)).toBe(true);
  },
);
