import { resolve } from 'node:path';
import { describeConfig } from './describe';
import { loadConfig } from './load';
import { variables } from './variables';

const lines = (environment: NodeJS.ProcessEnv) => describeConfig(loadConfig(environment)).split('\n');

describe('describeConfig', () => {
  it('has a line for each variable, in order, and marks what was not chosen', () => {
    const described = lines({ DATA_DIR: '/srv', PORT: '8080', ADMIN_PORT: 'off', TRUST_PROXY: '::1,10.0.0.0/8' });
    expect(described.map((line) => line.split('=')[0])).toEqual(variables.map(({ name }) => name));
    expect(described.map((line) => line.replace(/ +# /, ' # '))).toEqual([
      'PORT=8080',
      'HOST=127.0.0.1 # default',
      'ADMIN_PORT=off',
      'WORKER_ADMIN_PORT=off # default',
      'ADMIN_HOST=127.0.0.1 # default',
      'WORKERS=1 # default',
      'DRAIN_DELAY_MS=0 # default',
      'CORS_ORIGINS= # default',
      'TRUST_PROXY=::1,10.0.0.0/8',
      `DATA_DIR=${resolve('/srv')}`,
      'DATABASE_URL= # not set',
      'DATABASE_DIRECT_URL= # not set',
      'DATABASE_POOL=10 # default',
      'DATABASE_LANES=4 # default',
      'DATABASE_PREPARED=true # default',
      'DATABASE_POOL_TOTAL=off # default',
      'MIGRATE=true # default',
      'REDIS_URL= # not set',
      'CACHE_MEMORY_MB=64 # default',
      'CACHE_STALENESS_MS=100 # default',
      'JWT_SECRET= # not set',
      'ADMIN_EMAIL=admin@floodgate.example # default',
      'ADMIN_PASSWORD= # not set',
      'RATE_LIMIT_WRITES=6000 # default',
      'RATE_LIMIT_LOGINS=60 # default',
      'RATE_LIMIT_SIGN_UPS=60 # default',
      'RATE_LIMIT_BULK=30 # default',
      'SMTP_URL= # not set',
      'MAIL_FROM= # not set',
      'RESET_URL= # not set',
      'VERIFY_URL= # not set',
      'FEEDS_ALLOW= # default',
      'FEEDS_CONCURRENCY=256 # default',
      'SEED_ITEMS=1000 # default',
      'LOG_LEVEL=info # default',
    ]);
  });

  it('aligns the remarks', () => {
    const columns = lines({})
      .filter((line) => line.includes('#'))
      .map((line) => line.indexOf('#'));
    expect(new Set(columns).size).toBe(1);
  });

  it('hides secrets and passwords inside URLs', () => {
    const described = lines({
      DATABASE_URL: 'postgres://ann:canary@db:5432/shop?sslpassword=canary',
      REDIS_URL: 'redis://:canary@cache:6379',
      JWT_SECRET: 'canary'.repeat(6),
      ADMIN_EMAIL: 'ann@shop.example',
      ADMIN_PASSWORD: 'canary canary',
      CORS_ORIGINS: 'https://shop.example',
    });
    expect(described.join()).not.toContain('canary');
    expect(described).toEqual(
      expect.arrayContaining([
        'DATABASE_URL=postgres://ann:***@db:5432/shop?sslpassword=***',
        'REDIS_URL=redis://:***@cache:6379',
        'JWT_SECRET=(hidden)',
        'ADMIN_PASSWORD=(hidden)',
        'CORS_ORIGINS=https://shop.example',
      ]),
    );
  });
});
