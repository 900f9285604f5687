// An answer that is too large to hold: sent as it is made, no faster than the client takes it.
import { Readable } from 'node:stream';
import { createParamDecorator, type ExecutionContext, StreamableFile } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';

/** What a client that takes nothing holds, such as a cursor, is needed by others. */
const MAX_STALL_MS = 30_000;

export interface DownloadOptions {
  /** Media type. */
  readonly type: string;
  readonly fileName: string;
}

/**
 * The first part is awaited, so that what fails before it is answered with a problem; what fails later cuts the answer off.
 * @param parts is returned, and so cleans up, as soon as the client is gone
 */
export async function download(
  parts: AsyncGenerator<string>,
  { type, fileName }: DownloadOptions,
): Promise<StreamableFile> {
  let first: IteratorResult<string> | undefined = await parts.next();
  let stall: NodeJS.Timeout | undefined;
  const stream = new Readable({
    read() {
      clearTimeout(stall);
      const next = first ? Promise.resolve(first) : parts.next();
      first = undefined;
      next.then(
        ({ done, value }) => {
          this.push(done ? null : value);
          if (!done && !this.destroyed)
            stall = setTimeout(() => this.destroy(new Error('The client takes nothing.')), MAX_STALL_MS);
        },
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, done) {
      clearTimeout(stall);
      parts.return(undefined).then(
        () => done(error),
        () => done(error),
      );
    },
  });
  return new StreamableFile(stream, { type, disposition: `attachment; filename="${fileName}"` });
}

/** The media types that the operation produces and the client accepts, the one it likes best first. */
export const Accepted = createParamDecorator((_: unknown, context: ExecutionContext): string[] => {
  const { raw, routeOptions } = context.switchToHttp().getRequest<FastifyRequest>();
  return new Negotiator(raw).mediaTypes([...(routeOptions.config.operation?.produces ?? [])]);
});
