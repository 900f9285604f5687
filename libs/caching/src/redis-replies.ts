// Keeps the process alive when bytes come from Redis that are no answer to what was asked.
import CommandsQueue from '@redis/client/dist/lib/client/commands-queue';

/** The connection that this came over cannot be trusted any more. */
export class UnreadableReply extends Error {}

const unreadable = new WeakSet<CommandsQueue>();
// eslint-disable-next-line @typescript-eslint/unbound-method -- it is called on the queue that it belongs to
const { onReplyChunk } = CommandsQueue.prototype;

/**
 * 1.6.1 throws out of the socket's data event when a reply comes that no command waits for, and that ends the process
 * (node-redis #2597, #2626): another kind of server behind REDIS_URL is enough. Here the waiting commands fail instead,
 * and later bytes of that connection are not looked at, so it fails its next PING and is replaced.
 */
CommandsQueue.prototype.onReplyChunk = function (this: CommandsQueue, chunk: Buffer): void {
  if (unreadable.has(this)) return;
  try {
    onReplyChunk.call(this, chunk);
  } catch (cause) {
    unreadable.add(this);
    this.flushAll(new UnreadableReply('Redis sent what is no answer', { cause }));
  }
};
