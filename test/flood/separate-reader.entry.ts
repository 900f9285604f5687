// The process of whoever reads while something else goes on: `SeparateReader` starts it, and says what to ask for.
import { constants, setPriority } from 'node:os';
import { OpenLoop } from './open-loop';
import type { ReadOrder, ReadReport } from './separate-reader';

function comeFirst(): boolean {
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
    return true;
  } catch {
    return false;
  }
}

const loop = new OpenLoop(process.argv[2] as string);
process.send?.(comeFirst());
process.on('disconnect', () => process.exit());
process.on('message', ({ id, paths, perSecond, seconds }: ReadOrder) => {
  const path = (n: number): string => paths[n % paths.length] as string;
  void loop
    .run((n) => ({ path: path(n) }), perSecond, seconds)
    .then(({ seen }) => process.send?.({ id, seen } satisfies ReadReport));
});
