import { describeConfig, loadConfig } from '@app/config';
import type { Command } from './context';

/** `npm run config`: the effective configuration, secrets hidden. */
export const runConfig: Command = () => {
  process.stdout.write(`${describeConfig(loadConfig())}\n`);
  return Promise.resolve(0);
};
