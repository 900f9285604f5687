import { transformFileSync } from '@swc/core';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from './config-error';
import { loadConfig } from './load';
import { ensureSecrets } from './secrets';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'floodgate-secrets-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const secretIn = (dataDir: string) => ensureSecrets(loadConfig({ DATA_DIR: dataDir })).jwtSecret;

describe('the secret of an embedded installation', () => {
  it('is made for its owner alone, with nothing left beside it, and used again', () => {
    const dataDir = join(folder, 'a', 'b');
    const secret = secretIn(dataDir);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(statSync(join(dataDir, 'jwt-secret')).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(['jwt-secret']);
    expect(secretIn(dataDir)).toBe(secret);
    expect(secretIn(join(folder, 'c'))).not.toBe(secret);
  });

  it('comes with a frozen copy of the configuration', () => {
    const config = loadConfig({ DATA_DIR: folder });
    const complete = ensureSecrets(config);
    expect(Object.isFrozen(complete)).toBe(true);
    expect(complete).toEqual({ ...config, jwtSecret: complete.jwtSecret });
    expect(config.jwtSecret).toBeUndefined();
  });

  it('is not made when one is given', () => {
    const given = 'g'.repeat(32);
    expect(ensureSecrets(loadConfig({ DATA_DIR: folder, JWT_SECRET: given })).jwtSecret).toBe(given);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['', 'canary\n', `${'c'.repeat(42)}\n`, `${'c'.repeat(44)}\n`, `${'c'.repeat(43)}\n\n`, '\0'.repeat(43)])(
    'is refused when its file holds %j',
    (content) => {
      writeFileSync(join(folder, 'jwt-secret'), content);
      expect(() => secretIn(folder)).toThrow(
        new ConfigError(
          'DATA_DIR holds a damaged jwt-secret: put the file back, or delete it and run `npm run keys -- rotate --now` to get a new one',
        ),
      );
      expect(readFileSync(join(folder, 'jwt-secret'), 'utf8')).toBe(content);
    },
  );

  it('needs a folder', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(() => secretIn(file)).toThrow(
      new ConfigError('DATA_DIR must be a folder that this user can write to (its file jwt-secret: EEXIST)'),
    );
  });
});

it('is one secret for processes that start at the same moment', async () => {
  for (const name of ['secrets', 'config-error']) {
    const { code } = transformFileSync(join(__dirname, `${name}.ts`), {
      swcrc: false,
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    });
    writeFileSync(join(folder, `${name}.js`), code);
  }
  writeFileSync(
    join(folder, 'race.js'),
    `const { ensureSecrets } = require('./secrets');
    process.on('message', (startMs) => {
      const secrets = [];
      for (let round = 0; round < 40; round++) {
        while (Date.now() < startMs + round * 10);
        secrets.push(ensureSecrets({ dataDir: 'round-' + round }).jwtSecret);
      }
      process.send(secrets, () => process.disconnect());
    });
    process.send('ready');`,
  );
  const racers = Array.from({ length: 4 }, () => fork('race.js', { cwd: folder, execArgv: [] }));
  const answers = () => Promise.all(racers.map(async (racer) => (await once(racer, 'message'))[0] as string[]));
  await answers();
  const startMs = Date.now() + 50;
  racers.forEach((racer) => racer.send(startMs));
  const [first, ...others] = await answers();
  expect(new Set(first).size).toBe(40);
  for (const secrets of others) expect(secrets).toEqual(first);
  expect(readdirSync(join(folder, 'round-0'))).toEqual(['jwt-secret']);
});
