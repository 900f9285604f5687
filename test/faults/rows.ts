// The table of faults, in the order in which it is told.
import { OF_INSTANCES } from './rows.of-instances';
import { OF_KEYS } from './rows.of-keys';
import { OF_OTHERS } from './rows.of-others';
import { OF_POSTGRES } from './rows.of-postgres';
import { OF_REDIS } from './rows.of-redis';
import { OF_TIME } from './rows.of-time';
import type { Row } from './row';

export const ROWS: readonly Row[] = [
  ...OF_REDIS,
  ...OF_POSTGRES,
  ...OF_INSTANCES,
  ...OF_OTHERS,
  ...OF_KEYS,
  ...OF_TIME,
];
