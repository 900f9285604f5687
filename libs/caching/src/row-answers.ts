// Answers in front of the router what is not kept, where the whole answer is the cached state of one row.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { ChangeFeed } from '@app/database';
import { etagOf, etagOfBytes, holdConnection, releaseConnection, type Rule, type Versioned } from '@app/http';
import type { Answers } from './answers';
import type { Cache } from './cache';
import { MIN_COMPRESSED } from './encodings';
import type { Found } from './found';
import { formOf, KeptAnswer } from './kept-answer';
import { type RequestTraits, traitsOf } from './request-traits';

export interface RowRoute {
  /** The path without its last segment, which is the parameter. */
  readonly prefix: string;
  /** The route's template. */
  readonly template: string;
  /** Of the handler. */
  readonly name: string;
  readonly rule: Rule;
  readonly cache: Cache<unknown>;
  readonly isVersioned: boolean;
  readonly cacheControl: string;
  /** What answers differ by, and those that are worth compressing. */
  readonly vary?: string;
  readonly longVary: string;
  /** The name of a question, as for the interceptor: both keep the same answers. */
  readonly questionOf: (parameter: unknown) => string;
}

interface Asked {
  readonly route: RowRoute;
  readonly key: string;
  readonly url: string;
  readonly traits: RequestTraits;
  readonly now: number;
}

/** Milliseconds. What fails sooner, such as a connection that was just lost, is worth a second try. */
const WORTH_ANOTHER = 250;

/** Anything else in a path has to be decoded, or ends it. */
const PLAIN = /^[\w.~-]+$/;

export class RowAnswers {
  private readonly routes = new Map<string, RowRoute>();
  private readonly byName = new Map<string, RowRoute>();

  constructor(
    private readonly answers: Answers,
    private readonly feed: ChangeFeed,
  ) {}

  add(route: RowRoute): void {
    this.routes.set(route.prefix, route);
    this.byName.set(route.name, route);
  }

  /** True if the request is answered, or will be, or is given to the router once it is known that something about it is unusual. */
  front(request: IncomingMessage, response: ServerResponse, router: RequestListener): boolean {
    const url = request.url as string;
    const end = url.lastIndexOf('/') + 1;
    const route = this.routes.get(url.slice(0, end));
    if (route === undefined || request.method !== 'GET') return false;
    const parameter = url.slice(end);
    const now = performance.now();
    if (!PLAIN.test(parameter) || route.rule.faults(parameter).length > 0) return false;
    if (!this.feed.isFresh(now)) {
      const key = route.rule.normalize(parameter) as string;
      if (route.cache.expects(key)) this.answers.load.letIn(request);
      else this.answers.load.countAsRow(request);
      return false;
    }
    const traits = traitsOf(request.rawHeaders);
    // Whose time is bounded waits by the router.
    if (traits?.timeout !== undefined || traits === undefined || !this.answers.suits(traits)) return false;
    this.feed.isUsed = true;
    const asked = { route, key: route.rule.normalize(parameter) as string, url, traits, now };
    const { load } = this.answers;
    if (load.rows.isFull && !route.cache.expects(asked.key)) return load.refuse(load.rows, response);
    const found = route.cache.seek(asked.key, now);
    if (!(found instanceof Promise)) return found.value !== undefined && this.again(asked, request, response);
    holdConnection(request.socket);
    load.rows.enter();
    const leave = (): void => {
      const leftAt = performance.now();
      load.rows.leave(route.template, leftAt - now, leftAt);
      releaseConnection(request.socket);
    };
    // The traits belong to whatever request is looked at: this one's must outlast the wait.
    const waiting = { ...asked, traits: { ...traits } };
    const decline = (): void => {
      leave();
      // It knows what to say of a failure, or when there is nothing.
      router(request, response);
    };
    const fail = (error: Error): void => {
      if (performance.now() - now > WORTH_ANOTHER) this.answers.failures.set(request, error);
      decline();
    };
    found.then((one) => {
      if (one.value === undefined) return decline();
      leave();
      this.first(waiting, one, request, response);
    }, fail);
    return true;
  }

  /** Asked for once: that its row is kept is enough. */
  private first(asked: Asked, found: Found<unknown>, request: IncomingMessage, response: ServerResponse): void {
    const { route, traits, now } = asked;
    this.answers.counts.loaded++;
    const isStored = route.cache.peek(asked.key) === found;
    const ms = Math.round((performance.now() - now) * 1_000) / 1_000;
    const headers = `server-timing: app;dur=${ms}\r\ncache-status: floodgate; fwd=uri-miss${isStored ? '; stored' : ''}\r\n`;
    const form = formOf(plainOf(route, found.value));
    this.answers.send(request, response, { form, route: route.template, traits, now, headers });
  }

  /** Asked for again: from now on the answer is kept, and found by its URL. */
  private again({ route, key, url, traits, now }: Asked, request: IncomingMessage, response: ServerResponse): boolean {
    const answer = this.answers.find(route.questionOf(key));
    if (answer === undefined) return false;
    this.answers.name(answer, url);
    this.answers.show(request, response, answer, traits, now);
    return true;
  }

  /** The answer to a question whose row is in memory; what changes the one drops the other. */
  readonly made = (question: string): KeptAnswer | undefined => {
    const end = question.indexOf(' ');
    const route = this.byName.get(question.slice(0, end));
    const found = route?.cache.peek(Object.values(JSON.parse(question.slice(end)) as object)[0] as string);
    if (!route || found?.value === undefined) return undefined;
    const { value, tags, expiresAt } = found;
    return new KeptAnswer({ key: question, route: route.template, tags, expiresAt, ...plainOf(route, value) });
  };
}

interface Plain {
  readonly body: string;
  readonly headers: Record<string, string>;
}

function plainOf({ isVersioned, cacheControl, vary, longVary }: RowRoute, value: unknown): Plain {
  const body = JSON.stringify(value);
  const headers: Plain['headers'] = {
    'content-type': 'application/json; charset=utf-8',
    etag: isVersioned ? etagOf(value as Versioned) : etagOfBytes(body),
    'cache-control': cacheControl,
  };
  const isLong = body.length >= MIN_COMPRESSED || Buffer.byteLength(body) >= MIN_COMPRESSED;
  if (isLong || vary !== undefined) headers['vary'] = isLong ? longVary : (vary as string);
  return { body, headers };
}
