// Tells when an answer is made, however long its client takes to receive it.
import type { ServerResponse } from 'node:http';

/**
 * Calls once: when the whole answer has been handed over, or its connection is gone. Node's own events wait for the client, or for
 * the answers before it.
 */
export function onceAnswered(response: ServerResponse, tell: () => void): void {
  let isTold = false;
  const tellOnce = (): void => {
    if (isTold) return;
    isTold = true;
    tell();
  };
  const end = response.end.bind(response) as (...given: unknown[]) => ServerResponse;
  response.end = (...given: unknown[]) => {
    end(...given);
    tellOnce();
    return response;
  };
  response.once('close', tellOnce);
}
