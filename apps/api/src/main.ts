import 'reflect-metadata';
import cluster from 'node:cluster';
import { setFlagsFromString } from 'node:v8';
import { type Config, loadConfig } from '@app/config';
import { fail } from './failure';
import { serve } from './serve';
import { supervise } from './supervisor';

/** Of what is alive, in per cent: left to itself, V8 lets three times as much die before it collects it. */
const MAX_DEAD = 100;

setFlagsFromString(`--heap-growing-percent=${MAX_DEAD}`);
let config: Config;
try {
  config = loadConfig();
} catch (error) {
  fail(error);
}
if (config.workers === 1 || cluster.isWorker) serve(config).catch(fail);
else supervise(config).then((code) => process.exit(code), fail);
