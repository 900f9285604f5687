import { Logger as Speaker } from '@nestjs/common';
import { createLogger } from './log';
import { NestLogger } from './nest-logger';

let lines: Record<string, unknown>[];

beforeEach(() => {
  lines = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  Speaker.overrideLogger(new NestLogger(createLogger({ logLevel: 'trace', destination })));
});

afterAll(() => Speaker.overrideLogger(false));

test.each([
  ['verbose', 'trace'],
  ['debug', 'debug'],
  ['log', 'info'],
  ['warn', 'warn'],
  ['error', 'error'],
  ['fatal', 'fatal'],
] as const)('%s is written as %s, with the name of who speaks', (method, level) => {
  new Speaker('Orders')[method]('said');
  expect(lines).toEqual([expect.objectContaining({ level, context: 'Orders', msg: 'said' })]);
});

test.each(['InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestFactory', 'NestApplication'])(
  'the talk of %s while it starts is debug, its complaints are not',
  (context) => {
    new Speaker(context).log('Mapped {/v1, GET} route');
    new Speaker(context).error('no port');
    expect(lines.map(({ level }) => level)).toEqual(['debug', 'error']);
  },
);

test('a stack is kept and not taken for the name of who speaks', () => {
  const { stack } = new Error('boom');
  new Speaker('Orders').error('boom', stack);
  Speaker.error('boom', stack);
  expect(lines[0]).toMatchObject({ context: 'Orders', msg: 'boom', details: [stack] });
  expect(lines[1]).toMatchObject({ msg: 'boom', details: [stack] });
  expect(lines[1]).not.toHaveProperty('context');
});

test('an error and an object keep their fields', () => {
  new Speaker('Orders').error(new TypeError('boom'));
  new Speaker('Orders').log({ rows: 3 });
  expect(lines[0]).toMatchObject({ context: 'Orders', msg: 'boom', error: { type: 'TypeError' } });
  expect(lines[1]).toMatchObject({ context: 'Orders', message: { rows: 3 } });
});
