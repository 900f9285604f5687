// Waits for an answer, but not for long.

export class NoAnswer extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

/** @throws NoAnswer after so many milliseconds; a later answer, good or bad, is of no consequence. */
export function answerWithin<T>(ms: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new NoAnswer(ms));
    // A busy event loop runs its timers before it reads its sockets: what has arrived meanwhile is no late answer.
    const timer = setTimeout(() => setImmediate(giveUp), ms);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
