// Waits for something, but not for long; it goes on without us.

/** A process that is busy for longer than it would wait must still read what has come meanwhile: so many turns at least. */
const TURNS = 5;

/** False if the work has not ended after so many milliseconds. */
export async function within(ms: number, work: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  let turns = 0;
  const late = new Promise<false>((resolve) => {
    const turn = (): void => {
      if (++turns > TURNS) resolve(false);
      else timer = setTimeout(turn, ms / TURNS);
    };
    turn();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
