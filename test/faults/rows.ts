// The table of faults, in the order in which it is told.
import { OF_INSTANCES } from './rows.of-instances';
import type { Row } from './row';

export const ROWS: readonly Row[] = [
  ...OF_INSTANCES,
  {
    name: 'soak',
    fault: '60 minutes at 60 % load',
    where: 'npm run bench -- --soak 60',
  },
];
