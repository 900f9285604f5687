// The process of whoever asks while something else goes on: `SeparateCaller` starts it, and says what to ask for.
import { constants, setPriority } from 'node:os';
import { type Asked, OpenLoop } from './open-loop';
import type { Order, Report } from './separate-caller';

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
process.on('message', ({ id, asked, perSecond, seconds }: Order) => {
  const next = (n: number): Asked => asked[n % asked.length] as Asked;
  void loop.run(next, perSecond, seconds).then(({ seen }) => process.send?.({ id, seen } satisfies Report));
});
