// Carries a request with an `Idempotency-Key` out once: key and effect commit together, a repetition gets the stored answer.
import { createHash } from 'node:crypto';
import { carryOutOnce, type ClaimKey, Database, type Outcome } from '@app/database';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { idempotencyMismatch, refuseParameters, requestInProgress } from './problems';

/** Visible ASCII; long enough for a UUID, a ULID or a digest. */
export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Milliseconds before another look at a key that is held. A balancer that gives a request to a second instance is quicker than
 * PostgreSQL is to see that the first one is gone.
 */
const LOOKS_MS = [25, 50, 100, 200];

@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly database: Database) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const key = request.headers['idempotency-key'];
    if (key === undefined) return next.handle();
    if (typeof key !== 'string' || !IDEMPOTENCY_KEY.test(key))
      refuseParameters([
        { code: 'wrong_format', detail: 'must be 1 to 255 visible ASCII characters', parameter: 'Idempotency-Key' },
      ]);
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return from(
      this.once(claimKey(request, key), reply, () => lastValueFrom(next.handle(), { defaultValue: undefined })),
    );
  }

  private async once(key: ClaimKey, reply: FastifyReply, effect: () => Promise<unknown>): Promise<unknown> {
    const attempt = (): Promise<Outcome> =>
      carryOutOnce(this.database, key, async () => {
        const body = await effect();
        return { status: reply.statusCode, body };
      });
    let outcome = await attempt();
    for (const ms of LOOKS_MS) {
      if (outcome.state !== 'in-progress') break;
      await new Promise((resolve) => setTimeout(resolve, ms));
      outcome = await attempt();
    }
    switch (outcome.state) {
      case 'in-progress':
        return requestInProgress('Wait for its answer, then ask again.', { headers: { 'retry-after': '1' } });
      case 'mismatch':
        return idempotencyMismatch('Use a new key for a new request.');
      case 'repeated':
        void reply.header('idempotency-replayed', 'true').status(outcome.status);
        return outcome.body;
      case 'made':
        return outcome.body;
    }
  }
}

function claimKey(request: FastifyRequest, key: string): ClaimKey {
  const operation = `${request.method} ${request.routeOptions.url}`;
  const content = JSON.stringify([request.url, request.headers['content-type'], request.body]);
  const fingerprint = createHash('sha256').update(content).digest('base64url');
  return { principal: request.principal?.id ?? 'anonymous', operation, key, fingerprint };
}
