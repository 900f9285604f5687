// What a worker loads: memory that it does not use is memory that an operator pays for.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const CREATE_WORKER = join(__dirname, '../../dist/apps/api/src/create-worker.js');
/** Packages of the server, of its documents, of caches, mails and accounts. */
const LEFT_OUT = [
  ...['fastify', '@nestjs/swagger', 'js-yaml', 'class-validator', '@redis/client'],
  ...['cache-manager', 'nodemailer', '@node-rs/argon2', '@zxcvbn-ts/language-common', 'rate-limiter-flexible'],
];
const SCRIPT = `
  require('reflect-metadata');
  require(${JSON.stringify(CREATE_WORKER)});
  console.log(JSON.stringify(Object.keys(require.cache).map((file) => file.replaceAll('\\\\', '/'))));`;

it('a worker loads what reads feeds, and nothing that only answers requests', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', SCRIPT], { maxBuffer: 16 * 2 ** 20 });
  const files = JSON.parse(stdout) as string[];
  const isLoaded = (name: string): boolean => files.some((file) => file.includes(`/node_modules/${name}/`));
  expect(['undici', 'typeorm'].filter(isLoaded)).toEqual(['undici', 'typeorm']);
  expect(LEFT_OUT.filter(isLoaded)).toEqual([]);
  expect(files.filter((file) => /\.controller\.js$/.test(file))).toEqual([]);
});
