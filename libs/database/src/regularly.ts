// Work that is done now and then for as long as the process lives, and that can wait for the next time when it fails.

/** @returns the call that ends it */
export function regularly(ms: number, work: () => Promise<unknown>): () => void {
  const timer = setInterval(() => void work().catch(() => undefined), ms).unref();
  return () => clearInterval(timer);
}
