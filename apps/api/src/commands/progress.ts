const EVERY_MS = 200;
const BAR = 24;

/** How far a piece of work is. */
export interface Measure {
  readonly rows: number;
  /** From 0 to 1; unknown if nobody knows where the end is. */
  readonly share?: number;
}

/** Draws a line on a terminal that is drawn anew while work goes on; elsewhere it does nothing. Call the answer when it is done. */
export function showProgress(measure: () => Measure, stream: NodeJS.WriteStream = process.stderr): () => void {
  if (!stream.isTTY) return () => undefined;
  const started = performance.now();
  const timer = setInterval(() => {
    stream.write(`\r${progressLine(measure(), performance.now() - started)}\x1b[K`);
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    stream.write('\r\x1b[K');
  };
}

export function progressLine({ rows, share }: Measure, elapsedMs: number): string {
  const rate = `${number(rows)} rows, ${number((rows / Math.max(elapsedMs, 1)) * 1_000)} a second`;
  if (share === undefined) return rate;
  const done = Math.round(share * BAR);
  const left = share > 0 ? `, ${duration((elapsedMs / share) * (1 - share))} left` : '';
  return `${'█'.repeat(done)}${'░'.repeat(BAR - done)} ${Math.floor(share * 100)} % · ${rate}${left}`;
}

export const number = (value: number): string => Math.round(value).toLocaleString('en');

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
