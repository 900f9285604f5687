// Clients that begin a body and never end it, none with a login: they wait for their timeout, and nobody waits for them.
import { allowedMs } from '../support/slowness';
import { Raw } from '../support/raw';
import { attack } from '../support/target';

/** More than writes, or logins, are let in at once to begin with. */
const CLIENTS = 200;

const scene = attack();

const clients: Raw[] = [];
afterEach(() => clients.splice(0).forEach((raw) => raw.close()));

it.each<[path: string, letIn: number, status: number, body: () => object]>([
  ['/v1/items', 128, 201, () => ({ sku: `slow-${Math.random()}`, name: 'Lamp' })],
  ['/v1/auth/login', 32, 200, () => ({ email: scene.owner.email, password: scene.owner.password })],
])(
  'others are answered beside those who send slowly to %s',
  async (path, letIn, status, body) => {
    const { target, owner } = scene;
    const ask = () =>
      target.ask('POST', path, {
        as: owner,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body()),
      });
    await ask();
    for (let n = 0; n < CLIENTS; n++) clients.push(await Raw.open(target.port));
    const head = `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`;
    await Promise.all(clients.map((raw) => raw.send(head)));

    const startedAt = performance.now();
    // For a moment they may count.
    while ((await ask()).status === 503);
    const waitedMs = performance.now() - startedAt;
    for (let n = 0; n < 5; n++) expect(await ask()).toMatchObject({ status });
    expect(waitedMs).toBeLessThan(allowedMs(1_000, waitedMs));
    expect(clients.filter((raw) => raw.answers.length === 0 && !raw.isClosed).length).toBeGreaterThanOrEqual(letIn);
  },
  40_000,
);
