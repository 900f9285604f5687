// Fills the answer cache: bound to marked routes alone; keeps a finished answer together with what it was built from.
import { ChangeFeed, DatabaseUnavailable, Provenance, type Snapshot, tableOf, tracing } from '@app/database';
import { problemOf } from '@app/http';
import { Telemetry } from '@app/telemetry';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Answers } from './answers';
import { cacheControlOf } from './cache-control';
import { MIN_COMPRESSED } from './encodings';
import { KeptAnswer } from './kept-answer';
import { markOf, type PublicCacheOptions } from './mark';
import { questionOf } from './question';
import { millisecondsOf } from './ttl';

/** Of a reply, what belongs to the answer and not to the request. */
const ENTITY = ['content-type', 'etag', 'cache-control', 'vary', 'link', 'content-language'] as const;

const PATIENCE_MS = 250;

interface Asked {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly options: PublicCacheOptions;
  readonly key: string;
}

@Injectable()
export class AnswerInterceptor implements NestInterceptor {
  private readonly reported = new Set<string>();

  constructor(
    private readonly answers: Answers,
    private readonly feed: ChangeFeed,
    private readonly telemetry: Telemetry,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const handler = context.getHandler();
    const key = questionOf(handler.name, request);
    // Wrong requests are refused by the pipes that come next.
    if (key === undefined) return next.handle();
    const asked: Asked = { request, reply, key, options: markOf(handler) ?? {} };
    const failure = this.answers.failures.get(request.raw);
    const make = failure ? () => Promise.reject(failure) : () => lastValueFrom(next.handle());
    return from(this.answer(asked, make));
  }

  private async answer(asked: Asked, make: () => Promise<unknown>): Promise<unknown> {
    const { feed } = this;
    const isFresh = await feed.refresh(performance.now());
    const kept = this.answers.find(asked.key);
    if (kept && isFresh && performance.now() < kept.expiresAt) return this.showKept(asked, kept, 'floodgate; hit');
    const stale = isFresh ? undefined : this.staleOf(asked, kept);
    this.answers.counts.loaded++;
    const { snapshot, generation } = feed;
    const made = new Provenance(false);
    try {
      const body = await (stale ? soon(tracing(made, make)) : tracing(made, make));
      asked.request.keep = (text) => this.keep(asked, text, made, snapshot, generation);
      return body;
    } catch (error) {
      const known =
        problemOf(error).definition.status === 503 ? this.staleOf(asked, this.answers.find(asked.key)) : undefined;
      if (!known) throw error;
      return this.showKept(asked, ...known);
    }
  }

  /** By the handlers' way, since something about this request is unusual; answer.ts turns it into a 304 where that fits. */
  private showKept({ request, reply }: Asked, kept: KeptAnswer, status: string): unknown {
    this.answers.counts.memory++;
    this.answers.name(kept, request.raw.url ?? '');
    const { 'content-length': _, ...headers } = kept.headers;
    void reply.headers(headers);
    void reply.header('cache-status', status);
    return kept.text;
  }

  private staleOf({ options }: Asked, kept: KeptAnswer | undefined): [KeptAnswer, string] | undefined {
    if (!kept || options.staleIfError === undefined || this.feed.lacksOwnCommit) return undefined;
    const staleMs = this.feed.lagMs;
    if (staleMs > millisecondsOf(options.staleIfError)) return undefined;
    return [kept, `floodgate; hit; ttl=-${Math.max(1, Math.ceil(staleMs / 1_000))}`];
  }

  private keep(
    { request, reply, options, key }: Asked,
    body: string,
    made: Provenance,
    snapshot: Snapshot | undefined,
    generation: number,
  ): void {
    const control = cacheControlOf(options);
    if (control !== undefined) void reply.header('cache-control', control);
    if (Buffer.byteLength(body) >= MIN_COMPRESSED) void reply.header('vary', varyOf(reply));
    const route = request.routeOptions.url as string;
    if (made.untold !== undefined) this.report(route, made.untold);
    const tags = [...made.tags];
    const isKnown =
      snapshot !== undefined &&
      generation === this.feed.generation &&
      // Of a table whose changes nobody logs, none would ever be known.
      tags.every((tag) => this.feed.loggedTables.has(tableOf(tag))) &&
      this.feed.known.covers(snapshot, tags);
    if (!isKnown || made.untold !== undefined || tags.length === 0 || reply.hasHeader('set-cookie'))
      return note(reply, false);
    const present = ENTITY.map((name) => [name, reply.getHeader(name)] as const).filter(
      ([, value]) => value !== undefined,
    );
    const headers = Object.fromEntries(present.map(([name, value]) => [name, String(value)]));
    const answer = new KeptAnswer({ key, route, tags, body, headers, expiresAt: made.expiresAt });
    note(reply, this.answers.keep(answer, request.raw.url ?? ''));
  }

  /** A marked route that asks the database past the caches is answered, but never kept; its author should know. */
  private report(route: string, statement: string): void {
    if (this.reported.has(route)) return;
    this.reported.add(route);
    this.telemetry.emit('cache.bypassed', { route, statement });
  }
}

/** Whoever has something to show does not wait for a database that does not even refuse. */
async function soon(work: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DatabaseUnavailable()), PATIENCE_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

const note = (reply: FastifyReply, isStored: boolean): void =>
  void reply.header('cache-status', `floodgate; fwd=uri-miss${isStored ? '; stored' : ''}`);

const varyOf = (reply: FastifyReply): string => [reply.getHeader('vary'), 'Accept-Encoding'].filter(Boolean).join(', ');
