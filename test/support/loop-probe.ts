// Asks a process for how long its event loop was busy in one piece.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { allowedMs } from './slowness';

/** Milliseconds of the event loop that nothing hostile may take in one piece. */
export const MAX_TURN_MS = 20;

/** What a turn of such a length may take on this core. */
export const maxTurnMs = (turnMs: number): number => allowedMs(MAX_TURN_MS, turnMs);

/** Answers nothing: what is measured of it is Node's own part. */
const BARE_SERVER = `
  const server = require('node:http').createServer(() => undefined);
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
  process.once('SIGTERM', () => process.exit());`;

export class LoopProbe {
  private readonly path = join(tmpdir(), `floodgate-probe-${randomUUID()}.sock`);

  /** What the process to be asked needs. */
  readonly environment: NodeJS.ProcessEnv = {
    NODE_OPTIONS: `--require ${join(__dirname, 'loop-reporter.cjs')}`,
    LOOP_PROBE: this.path,
  };

  /** The longest time, in milliseconds, since this was asked last. */
  async longestTurnMs(): Promise<number> {
    return Number(await text(connect(this.path)));
  }

  /**
   * The longest turn of something that is done: the least of up to three times, since whatever else a process does by itself,
   * such as collecting garbage or compiling, comes on top now and then.
   * @param allowed what it may be
   */
  async turnMsOf(work: () => Promise<unknown>, allowed = maxTurnMs): Promise<number> {
    let least = Infinity;
    for (let time = 0; time < 3 && (time === 0 || least > allowed(least)); time++) {
      await this.longestTurnMs();
      await work();
      least = Math.min(least, await this.longestTurnMs());
    }
    return least;
  }
}

/** How long the loop of a server that does nothing is busy with a packet, here and now. */
export async function bareTurnMs(packet: string): Promise<number> {
  const probe = new LoopProbe();
  const child: ChildProcess = spawn(process.execPath, ['-e', BARE_SERVER], {
    env: { ...process.env, ...probe.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [port] = await once(child.stdout as never, 'data');
    return await probe.turnMsOf(
      async () => {
        const socket = connect(Number(port), '127.0.0.1');
        await new Promise((resolve) => socket.end(packet, () => resolve(undefined)));
        await once(socket.resume(), 'close');
      },
      () => 0,
    );
  } finally {
    child.kill();
    await once(child, 'close');
  }
}
