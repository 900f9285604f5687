import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { publishes, Supplier } from '../../../test/support/supplier';
import { Outbound } from '.';
import { Allowed } from './allowed';
import { createResolve } from './resolve';

const A = 1;
const AAAA = 28;
/** What it says for a question of this type: addresses, that there are none, that it failed, or nothing at all. */
type Says = Partial<Record<number, Buffer | 'failure' | 'nothing'>>;
const FOUR = Buffer.from([127, 0, 0, 1]);
const SIX = Buffer.from([...Array<number>(15).fill(0), 1]);

let server: Socket;
let says: Says;
let asked: number[];

/** RFC 1035, section 4.1: the header and the question come back; an answer names the question by its place. */
function answerTo(question: Buffer): Buffer | undefined {
  const type = question.readUInt16BE(question.indexOf(0, 12) + 1);
  asked.push(type);
  const address = says[type];
  if (address === 'nothing') return undefined;
  if (address === 'failure') {
    const failed = Buffer.from(question);
    failed.writeUInt16BE(0x8182, 2);
    return failed;
  }
  const end = question.indexOf(0, 12) + 5;
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(address ? 1 : 0, 6);
  header.fill(0, 8);
  const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, address?.length ?? 0]);
  return Buffer.concat([header, question.subarray(12, end), ...(address ? [record, address] : [])]);
}

beforeEach(async () => {
  asked = [];
  server = createSocket('udp4').on('message', (question, { port, address }) => {
    const answer = answerTo(question);
    if (answer) server.send(answer, port, address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => server.close());

const resolve = (hostname: string) => createResolve(new Allowed([]), [`127.0.0.1:${server.address().port}`])(hostname);
const four = { address: '127.0.0.1', family: 4 };
const six = { address: '::1', family: 6 };

it.each<[string, Says, object[]]>([
  ['both', { [A]: FOUR, [AAAA]: SIX }, [four, six]],
  ['IPv4, and none of IPv6', { [A]: FOUR }, [four]],
  ['IPv6, and none of IPv4', { [AAAA]: SIX }, [six]],
  ['IPv4, and drops the question for the other', { [A]: FOUR, [AAAA]: 'nothing' }, [four]],
  ['IPv6, and drops the question for the other', { [A]: 'nothing', [AAAA]: SIX }, [six]],
])('finds the addresses when the name server has %s', async (_, answers, expected) => {
  says = answers;
  expect(await resolve('shop.example')).toEqual(expected);
  // A question that is lost is asked again after 400 ms: nobody has waited for that.
  expect(asked.toSorted((one, other) => one - other)).toEqual([A, AAAA]);
});

it('waits for the other family where the first has no address', async () => {
  says = { [AAAA]: 'nothing' };
  const found = resolve('shop.example');
  while (asked.length < 2) await once(server, 'message');
  says = { [AAAA]: SIX };
  expect(await found).toEqual([six]);
});

it('rejects when there are none', async () => {
  says = {};
  await expect(resolve('shop.example')).rejects.toMatchObject({ code: 'ENODATA' });
});

it('connects within its time, whatever the name server drops', async () => {
  says = { [A]: FOUR, [AAAA]: 'nothing' };
  const supplier = await Supplier.start();
  const outbound = new Outbound({ allow: ['127.0.0.1'], resolve, retries: 0 });
  const url = supplier.at('/', publishes('{}\n'), 'shop.example');
  expect(await outbound.get({ url }, async () => 'read')).toMatchObject({ state: 'read' });
  await outbound.close();
  await supplier.stop();
});

it.each<[string, Says]>([
  ['IPv4', { [A]: 'failure' }],
  ['IPv6', { [AAAA]: 'failure' }],
])(
  'says that the name servers failed, when they did for %s, and not that there is no such host',
  async (_, answers) => {
    says = answers;
    await expect(resolve('shop.example')).rejects.toMatchObject({ code: 'ESERVFAIL' });
  },
);
