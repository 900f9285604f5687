import { failureOf } from '@app/database';
import { Problem, problemOf } from '@app/http';
import { reasonOf } from '../failure';

/** A command can't go on; the message is a sentence that says why. */
export class Stopped extends Error {}

export const EXIT = {
  done: 0,
  rejected: 1,
  failed: 2,
  /** What a shell says of a process that SIGINT ended. */
  interrupted: 130,
} as const;

/** Runs work that Ctrl-C ends by a signal, so that it can clean up; a second Ctrl-C ends the process at once. */
export async function interruptibly(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const controller = new AbortController();
  const interrupt = (): void => controller.abort(new Stopped('Interrupted.'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    return await work(controller.signal);
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n`);
    return controller.signal.aborted ? EXIT.interrupted : EXIT.failed;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** Why something ended early, for the person who called the command. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Stopped) return error.message;
  if ((error as Error).name === 'AbortError') return 'Interrupted.';
  return error instanceof Problem || failureOf(error) ? problemOf(error).detail : reasonOf(error);
}
