import { ConfigError } from './config-error';
import { loadConfig } from './load';
import { variables } from './variables';

const most = 'a whole number from 1 to 10000000, or off';
const link = 'an http:// or https:// URL with {token} in it once, behind the host';
const port = 'a whole number from 0 to 65535';
const postgres = 'a postgres:// or postgresql:// URL with user and password percent-encoded';
const redis = 'a redis:// or rediss:// URL with user and password percent-encoded';
const origins =
  'comma separated, each an exact origin like https://shop.example or http://localhost:5173, no path, no *';
const networks = 'comma separated, each an IP address or a network like 10.0.0.0/8, no host name';

const malformed: Record<string, { expected: string; values: string[] }> = {
  PORT: {
    expected: port,
    values: ['-1', '65536', '7.5', '1e3', '0x1F', '77 88', 'canary', '+80', '٣', '9'.repeat(400)],
  },
  HOST: {
    expected: 'an IP address or a host name',
    values: ['300.1.1.1', '[::1]', 'canary host', 'can_ary', '-canary', 'http://canary', '::canary', 'canary.'],
  },
  ADMIN_PORT: { expected: `${port}, or off`, values: ['OFF', 'none', '70707'] },
  WORKER_ADMIN_PORT: { expected: `${port}, or off`, values: ['on', '-1', '65536'] },
  ADMIN_HOST: { expected: 'an IP address or a host name', values: ['300.1.1.1', '[::1]', '127.0.0.1:9464'] },
  WORKERS: { expected: 'a whole number from 1 to 256, or auto', values: ['0', '257', 'all', '-1', '1.5'] },
  DRAIN_DELAY_MS: { expected: 'a whole number from 0 to 10000', values: ['-1', '10001', '1s'] },
  CORS_ORIGINS: {
    expected: origins,
    values: [
      '*',
      'https://*.canary.example',
      'https://canary.example/',
      'https://canary.example/app',
      'https://canary.example:443',
      'https://Canary.example',
      'https://canary:pw@shop.example',
      'https://canary.example?x',
      'canary.example',
      'null',
      'file://',
      'https://ok.example, https://canary.example#x',
      'https://a.example https://canary.example',
    ],
  },
  TRUST_PROXY: {
    expected: networks,
    values: [
      'true',
      'canary.example',
      '10.0.0.0/33',
      '10.0.0.7/',
      '10.0.0.7/8/9',
      '0.0.0.0/0',
      '::/0',
      'fd00::/129',
      'fe80::1%eth0',
      '10.0.0',
      '10.0.0.7/-8',
      '127.0.0.1, canary',
    ],
  },
  DATA_DIR: { expected: 'the path of a folder (~ is not expanded)', values: ['~', '~/canary'] },
  DATABASE_URL: {
    expected: postgres,
    values: [
      'mysql://u:canary@db/x',
      'db:5432/canary',
      'postgres:canary',
      'postgres://',
      'postgres:///canary',
      'postgres://u:7#canary@db/x',
      'postgres://u:7/canary@db/x',
      'postgres://u:7%canary@db/x',
      'postgres://u:canary%@db/x',
      'postgres://u:ca nary@db/x',
      'postgres://db:99999/canary',
      'Postgres://canary/x',
    ],
  },
  DATABASE_DIRECT_URL: { expected: postgres, values: ['mysql://u:canary@db/x', 'db:5432/canary', 'postgres://'] },
  DATABASE_POOL: { expected: 'a whole number from 1 to 200', values: ['0', '201', 'canary'] },
  DATABASE_LANES: { expected: 'a whole number from 1 to 32', values: ['0', '33', 'canary'] },
  DATABASE_PREPARED: { expected: 'true or false', values: ['off', 'canary'] },
  DATABASE_POOL_TOTAL: { expected: 'a whole number from 7 to 100000, or off', values: ['6', '100001', 'none'] },
  MIGRATE: { expected: 'true or false', values: ['yes', 'TRUE', '1', 'constructor'] },
  REDIS_URL: { expected: redis, values: ['http://canary:6379', 'canary:6379', 'redis://', 'redis://:7/canary@r:6379'] },
  CACHE_MEMORY_MB: {
    expected: 'a whole number from 1 to 16384',
    values: ['0', '16385', '64mb', '1.5', '-64', 'canary'],
  },
  CACHE_STALENESS_MS: {
    expected: 'a whole number from 20 to 5000',
    values: ['0', '19', '5001', '100ms', '1e2', '-100', 'canary'],
  },
  JWT_SECRET: { expected: 'at least 32 bytes', values: ['canary', 'c'.repeat(31), 'ä'.repeat(15) + 'x'] },
  ADMIN_EMAIL: {
    expected: 'an e-mail address',
    values: [
      'canary',
      'canary@',
      '@canary.example',
      'canary@localhost',
      'a canary@shop.example',
      '<canary@shop.example>',
      'canary@10.0.0.1',
      'canary..x@shop.example',
      `${'c'.repeat(250)}@x.example`,
    ],
  },
  ADMIN_PASSWORD: { expected: '8 to 128 characters', values: ['canary7', 'c'.repeat(129), '🐤'.repeat(7)] },
  RATE_LIMIT_WRITES: { expected: most, values: ['0', 'OFF', '-1', '1.5', '10000001'] },
  RATE_LIMIT_LOGINS: { expected: most, values: ['0', 'OFF', '-1', '1.5', '10000001'] },
  RATE_LIMIT_SIGN_UPS: { expected: most, values: ['0', 'OFF', '-1', '1.5', '10000001'] },
  RATE_LIMIT_BULK: { expected: most, values: ['0', 'OFF', '-1', '1.5', '10000001'] },
  SMTP_URL: {
    expected:
      'a smtp:// or smtps:// URL with user and password percent-encoded; MAIL_FROM is required with SMTP_URL (an e-mail address)',
    values: ['canary', 'http://canary.example', 'smtp://'],
  },
  MAIL_FROM: { expected: 'an e-mail address', values: ['canary', 'canary@', 'a@b.example, canary@c.example'] },
  RESET_URL: {
    expected: link,
    values: ['canary', 'https://canary.example/{token}{token}', 'ftp://canary.example/{token}'],
  },
  VERIFY_URL: {
    expected: link,
    values: ['https://canary.example/', 'https://{token}.canary.example/', 'https://canary.example/ {token}'],
  },
  FEEDS_ALLOW: {
    expected: 'comma separated, each a network like 10.0.0.0/8, an IP address or a host name',
    values: ['10.0.0.0/33', '10.0.0.0/0', 'https://canary.example', '*.canary.example', 'canary.example:80', '10.0.0'],
  },
  FEEDS_CONCURRENCY: { expected: 'a whole number from 1 to 4096', values: ['0', '4097', 'canary'] },
  SEED_ITEMS: { expected: 'a whole number from 0 to 10000000', values: ['-1', '10000001', 'canary', '1000.5'] },
  LOG_LEVEL: { expected: 'one of fatal, error, warn, info, debug, trace, silent', values: ['INFO', 'verbose', '30'] },
};

const refused = Object.entries(malformed).flatMap(([name, { expected, values }]) =>
  values.map((value) => ({ name, value, expected })),
);

describe('a malformed value', () => {
  it.each(refused)('$name=$value is refused without being quoted', ({ name, value, expected }) => {
    const load = () => loadConfig({ JWT_SECRET: 's'.repeat(32), [name]: value });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(new ConfigError(`${name} must be ${expected}`));
    expect(load).not.toThrow(/canary/i);
  });

  it('has its row here for every variable', () => {
    expect(Object.keys(malformed)).toEqual(variables.map(({ name }) => name));
  });
});
