import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadConfig } from './load';

const server = { DATABASE_URL: 'postgres://floodgate:pw@db/floodgate', JWT_SECRET: 's'.repeat(32) };

const embeddedDefaults = {
  embedded: true,
  port: 3000,
  host: '127.0.0.1',
  adminPort: 9464,
  workerAdminPort: null,
  adminHost: '127.0.0.1',
  workers: 1,
  drainDelayMs: 0,
  corsOrigins: [],
  trustProxy: [],
  dataDir: resolve('.floodgate'),
  databasePool: 10,
  databaseLanes: 4,
  databasePrepared: true,
  databasePoolTotal: null,
  migrate: true,
  cacheMemoryMb: 64,
  cacheStalenessMs: 100,
  adminEmail: 'admin@floodgate.example',
  rateLimitWrites: 6000,
  rateLimitLogins: 60,
  rateLimitSignUps: 60,
  rateLimitBulk: 30,
  feedsAllow: [],
  feedsConcurrency: 256,
  seedItems: 1000,
  logLevel: 'info',
};

describe('the defaults', () => {
  it('with the embedded database', () => {
    expect(loadConfig({})).toEqual(embeddedDefaults);
  });

  it('with DATABASE_URL', () => {
    const { adminEmail: _, ...others } = embeddedDefaults;
    expect(loadConfig(server)).toEqual({
      ...others,
      embedded: false,
      drainDelayMs: 3000,
      migrate: false,
      seedItems: 0,
      databaseUrl: server.DATABASE_URL,
      jwtSecret: server.JWT_SECRET,
    });
  });

  it('hold for empty and blank variables', () => {
    expect(loadConfig({ PORT: '', DATABASE_URL: ' ', JWT_SECRET: '', CORS_ORIGINS: '\t' })).toEqual(embeddedDefaults);
  });
});

describe('a good value', () => {
  it.each([
    ['PORT', ' 8080\r', { port: 8080 }],
    ['PORT', '0', { port: 0 }],
    ['HOST', '::', { host: '::' }],
    ['HOST', 'api-1.internal', { host: 'api-1.internal' }],
    ['ADMIN_PORT', 'off', { adminPort: null }],
    ['WORKER_ADMIN_PORT', '9465', { workerAdminPort: 9465 }],
    ['ADMIN_HOST', '0.0.0.0', { adminHost: '0.0.0.0' }],
    [
      'CORS_ORIGINS',
      'https://a.example, http://[::1]:5173,',
      { corsOrigins: ['https://a.example', 'http://[::1]:5173'] },
    ],
    ['CORS_ORIGINS', 'capacitor://localhost', { corsOrigins: ['capacitor://localhost'] }],
    ['TRUST_PROXY', '10.0.0.0/8, ::1,fd00::/128', { trustProxy: ['10.0.0.0/8', '::1', 'fd00::/128'] }],
    ['DATA_DIR', 'here/there', { dataDir: resolve('here/there') }],
    ['DATABASE_POOL', '200', { databasePool: 200 }],
    ['DATABASE_LANES', '8', { databaseLanes: 8 }],
    ['DATABASE_PREPARED', 'false', { databasePrepared: false }],
    ['MIGRATE', 'false', { migrate: true }],
    ['REDIS_URL', 'rediss://:p%40ss@cache:6380/1', { redisUrl: 'rediss://:p%40ss@cache:6380/1' }],
    ['CACHE_MEMORY_MB', '1', { cacheMemoryMb: 1 }],
    ['CACHE_MEMORY_MB', '16384', { cacheMemoryMb: 16_384 }],
    ['CACHE_STALENESS_MS', '20', { cacheStalenessMs: 20 }],
    ['CACHE_STALENESS_MS', '5000', { cacheStalenessMs: 5_000 }],
    ['JWT_SECRET', ` ${'x'.repeat(30)} `, { jwtSecret: ` ${'x'.repeat(30)} ` }],
    ['JWT_SECRET', 'ä'.repeat(16), { jwtSecret: 'ä'.repeat(16) }],
    ['ADMIN_EMAIL', ' ann.o+x@shop.example ', { adminEmail: 'ann.o+x@shop.example' }],
    ['ADMIN_PASSWORD', '🐤'.repeat(128), { adminPassword: '🐤'.repeat(128) }],
    ['ADMIN_PASSWORD', ' 2345678', { adminPassword: ' 2345678' }],
    ['RATE_LIMIT_WRITES', 'off', { rateLimitWrites: null }],
    ['RATE_LIMIT_LOGINS', '5', { rateLimitLogins: 5 }],
    [
      'FEEDS_ALLOW',
      '127.0.0.0/8, ::1,catalogue.internal',
      { feedsAllow: ['127.0.0.0/8', '::1', 'catalogue.internal'] },
    ],
    ['FEEDS_CONCURRENCY', '4096', { feedsConcurrency: 4_096 }],
    ['SEED_ITEMS', '10000000', { seedItems: 10_000_000 }],
    ['LOG_LEVEL', 'silent', { logLevel: 'silent' }],
  ])('%s=%s', (name, value, expected) => {
    expect(loadConfig({ [name]: value })).toEqual({ ...embeddedDefaults, ...expected });
  });

  it.each([
    'postgresql://db/x',
    'postgres:///x?host=/run/postgresql',
    'postgres://u%40x:p%23w@[::1]:6432/x?sslmode=require',
  ])('DATABASE_URL=%s', (url) => expect(loadConfig({ ...server, DATABASE_URL: url }).databaseUrl).toBe(url));

  it('MIGRATE=true counts with DATABASE_URL', () => {
    expect(loadConfig({ ...server, MIGRATE: 'true' }).migrate).toBe(true);
  });
});

describe('variables that do not go together', () => {
  const secret = 'JWT_SECRET is required with DATABASE_URL (at least 32 bytes)';
  const password = 'ADMIN_PASSWORD is required with DATABASE_URL and ADMIN_EMAIL (8 to 128 characters)';
  const email = 'ADMIN_EMAIL is required with DATABASE_URL and ADMIN_PASSWORD (an e-mail address)';
  const seed = 'SEED_ITEMS must be 0 with DATABASE_URL';

  it.each([
    [{ JWT_SECRET: undefined }, secret],
    [{ JWT_SECRET: 'canary' }, 'JWT_SECRET must be at least 32 bytes'],
    [{ ADMIN_EMAIL: 'canary@shop.example' }, password],
    [{ ADMIN_PASSWORD: 'canary-password' }, email],
    [{ SEED_ITEMS: '777' }, seed],
    [
      { DATABASE_URL: '', DATABASE_DIRECT_URL: 'postgres://canary/x' },
      /^DATABASE_URL is required with DATABASE_DIRECT_URL/,
    ],
    [
      { DATABASE_URL: 'canary', JWT_SECRET: '', ADMIN_EMAIL: 'a@canary.example', SEED_ITEMS: '5' },
      /^DATABASE_URL must be a .*; JWT_SECRET is required .*; ADMIN_PASSWORD is required .*; SEED_ITEMS must be 0/,
    ],
    [
      { PORT: 'canary', LOG_LEVEL: 'canary' },
      /^PORT must be a whole number from 0 to 65535; LOG_LEVEL must be one of [^;\n]*$/,
    ],
  ])('%j', (environment, message) => {
    const load = () => loadConfig({ ...server, ...environment });
    expect(load).toThrow(typeof message === 'string' ? new Error(message) : message);
    expect(load).not.toThrow(/canary|777/);
  });

  it('are fine together or with the embedded database', () => {
    const admin = { ADMIN_EMAIL: 'ann@shop.example', ADMIN_PASSWORD: 'long enough' };
    expect(loadConfig({ ...server, ...admin, SEED_ITEMS: '0' })).toMatchObject({ adminEmail: 'ann@shop.example' });
    expect(loadConfig({ ADMIN_PASSWORD: 'long enough' })).toMatchObject({ adminEmail: 'admin@floodgate.example' });
    expect(loadConfig({ ADMIN_EMAIL: 'ann@shop.example' }).adminPassword).toBeUndefined();
  });
});

it('is frozen, with its lists', () => {
  const config = loadConfig({ TRUST_PROXY: '::1' });
  expect([config, config.trustProxy, config.corsOrigins].every(Object.isFrozen)).toBe(true);
});

describe('the .env file of the working directory', () => {
  const [directory, environment] = [process.cwd(), process.env];
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'floodgate-config-'));
    process.chdir(folder);
    process.env = {};
  });

  afterEach(() => {
    process.chdir(directory);
    process.env = environment;
    rmSync(folder, { recursive: true });
  });

  it('is read, but the environment wins, also with an empty value', () => {
    writeFileSync('.env', '\uFEFFPORT=1111\r\nHOST=::\r\nLOG_LEVEL=debug\r\n');
    process.env = { HOST: '::1', LOG_LEVEL: '' };
    expect(loadConfig()).toMatchObject({ port: 1111, host: '::1', logLevel: 'info' });
    expect(loadConfig({})).toMatchObject({ port: 3000 });
  });

  it('may be absent, or a folder', () => {
    expect(loadConfig().port).toBe(3000);
    mkdirSync('.env');
    expect(loadConfig().port).toBe(3000);
  });
});
