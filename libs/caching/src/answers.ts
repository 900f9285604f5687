// The answer cache: finished public answers in memory, written to the socket in front of the router.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ChangeFeed, sees } from '@app/database';
import { type AdapterSettings, Load, matchOf, newRequestId, SERVER_LIMITS } from '@app/http';
import type { Telemetry } from '@app/telemetry';
import { Counts } from './counts';
import { preferredEncoding } from './encodings';
import { textOfHeaders, writeAnswer } from './head';
import { type Form, type KeptAnswer, unchangedBy } from './kept-answer';
import type { Memory } from './memory';
import { type AnswersSettings, RequestDress } from './request-dress';
import { type RequestTraits, traitsOf } from './request-traits';

/** An answer has so many URLs by which it is found in front of the router; of long ones, whose number has no end, one. */
const MAX_URLS = 16;
const MAX_URLS_LENGTH = 1_000;
const MAX_URL_LENGTH = 2_000;
const HIT = textOfHeaders({ 'server-timing': 'cache;dur=0', 'cache-status': 'floodgate; hit' });
const TOKEN = /^[1-9]\d{0,15}$/;

type Front = NonNullable<AdapterSettings['front']>;

interface Sent {
  readonly form: Form;
  /** The route's template. */
  readonly route: string;
  readonly traits: RequestTraits;
  /** When the request arrived. */
  readonly now: number;
  /** Lines that say where the answer comes from. */
  readonly headers: string;
}

export class Answers {
  /** While the server closes, connections end with their answer. */
  isDraining = false;
  readonly counts = new Counts();
  /** Is asked about what is not kept. */
  beyond: Front = () => false;
  /** Makes an answer that is not kept of something else that is. */
  made: (key: string) => KeptAnswer | undefined = () => undefined;
  /** Why a request could not be answered in front of the router, if that took long: the router must not wait for the same again. */
  readonly failures = new WeakMap<IncomingMessage, Error>();
  private readonly byUrl = new Map<string, KeptAnswer>();
  private readonly dress: RequestDress;
  private ground?: { feed: ChangeFeed; memory: Memory; telemetry: Telemetry };

  /** Counts what is loaded in front of the router, too. */
  readonly load: Load;
  /** What all answers say they differ by. */
  readonly vary?: string;

  constructor(settings: AnswersSettings & { readonly load?: Load }) {
    if (settings.corsOrigins.length > 0) this.vary = 'Origin';
    this.load = settings.load ?? new Load();
    this.dress = new RequestDress(settings);
  }

  /** Exists before the application does, since the server needs it; answers nothing until then. */
  attach(feed: ChangeFeed, memory: Memory, telemetry: Telemetry): void {
    this.ground = { feed, memory, telemetry };
  }

  /** True if the request has been answered, or will be. Whatever is unusual about a request is left to the router. */
  readonly front: Front = (request, response, route) => {
    const answer = this.byUrl.get(request.url as string);
    if (this.ground === undefined) return false;
    if (answer === undefined) return this.beyond(request, response, route);
    const now = performance.now();
    const { feed } = this.ground;
    if (now > feed.freshUntil || now >= answer.expiresAt) return this.leave(request);
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const traits = traitsOf(request.rawHeaders);
    if (traits === undefined || !this.suits(traits)) return this.leave(request);
    feed.isUsed = true;
    if (answer.uses < 3) answer.uses++;
    this.show(request, response, answer, traits, now);
    return true;
  };

  /** The router will find it, too. */
  private leave(request: IncomingMessage): false {
    if (request.method === 'GET' || request.method === 'HEAD') this.load.letIn(request);
    return false;
  }

  /** The answer that is kept under a key, whether or not it may be shown now. */
  find(key: string): KeptAnswer | undefined {
    const kept = this.ground?.memory.get(key) as KeptAnswer | undefined;
    if (kept) return kept;
    const made = this.made(key);
    if (made) this.ground?.memory.set(made);
    return made;
  }

  /** @param url the path and query by which it was asked for */
  keep(answer: KeptAnswer, url: string): boolean {
    if (!this.ground?.memory.set(answer)) return false;
    this.name(answer, url);
    return true;
  }

  /** From now on the URL finds the answer in front of the router. */
  name(answer: KeptAnswer, url: string): void {
    if (url.length > MAX_URL_LENGTH || this.byUrl.get(url) === answer) return;
    let length = answer.urls.reduce((sum, one) => sum + one.length, url.length);
    while (answer.urls.length >= MAX_URLS || (length > MAX_URLS_LENGTH && answer.urls.length > 0)) {
      const oldest = answer.urls.shift() as string;
      length -= oldest.length;
      if (this.byUrl.get(oldest) === answer) this.byUrl.delete(oldest);
    }
    answer.urls.push(url);
    this.byUrl.set(url, answer);
  }

  /** It has left the memory. */
  forget(answer: KeptAnswer): void {
    for (const url of answer.urls) if (this.byUrl.get(url) === answer) this.byUrl.delete(url);
  }

  /** A kept answer, in the form that the client likes best. */
  show(
    request: IncomingMessage,
    response: ServerResponse,
    answer: KeptAnswer,
    traits: RequestTraits,
    now: number,
  ): void {
    this.counts.memory++;
    const form = answer.form(preferredEncoding(traits.acceptEncoding));
    this.send(request, response, { form, route: answer.route, traits, now, headers: HIT });
  }

  suits({ accept, token }: RequestTraits): boolean {
    if (
      accept !== undefined &&
      accept !== '*/*' &&
      !/^(?:[^;]*,)?\s*(?:application\/json|\*\/\*)\s*(?:,|$)/.test(accept)
    )
      return false;
    if (token === undefined) return true;
    const snapshot = this.ground?.feed.snapshot;
    return snapshot !== undefined && TOKEN.test(token) && sees(snapshot, Number(token));
  }

  send(request: IncomingMessage, response: ServerResponse, { form, route, traits, now, headers: told }: Sent): void {
    const requestId = newRequestId(traits.requestId, now);
    const match = traits.ifNoneMatch === undefined ? undefined : matchOf(traits.ifNoneMatch, form.etag);
    const status = match === undefined ? 200 : 304;
    const own = match === undefined ? form.whole : unchangedBy(form, match);
    const headers = told + own + this.dress.of(request, traits);
    const hasBody = match === undefined && request.method === 'GET';
    writeAnswer(
      response,
      { status, headers, requestId, isLast: this.isDraining, keepAliveMs: SERVER_LIMITS.keepAliveTimeoutMs, now },
      hasBody ? form.body : '',
    );
    this.ground?.telemetry.emit('http.answered', {
      requestId,
      method: request.method as string,
      route,
      status,
      durationMs: performance.now() - now,
    });
  }
}
