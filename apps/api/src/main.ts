import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { type Config, loadConfig } from '@app/config';
import { fail } from './failure';
import { serve } from './serve';

/** Of what is alive, in per cent: left to itself, V8 lets three times as much die before it collects it. */
const MAX_DEAD = 100;

setFlagsFromString(`--heap-growing-percent=${MAX_DEAD}`);
let config: Config;
try {
  config = loadConfig();
} catch (error) {
  fail(error);
}
serve(config).catch(fail);
