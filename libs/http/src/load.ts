// Refuses what is too much in front of the router: reads, writes, logins and probes have budgets of their own.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Metrics, Telemetry } from '@app/telemetry';
import type { FastifyInstance } from 'fastify';
import { onceAnswered } from './answered';
import { Budget } from './budget';
import { Lateness } from './lateness';
import { limitOf } from './limits';
import type { OperationConfig } from './operation';
import { Problem } from './problem';
import { busy } from './problems';
import { newRequestId } from './request-id';
import { routedPath } from './routed-path';
import { SAFE_HEADERS } from './security-headers';
import { sendText, takesText } from './text-answer';

/** Fewer would leave connections to the database idle, unless nobody has time for them; many more wait for each other. */
const SOME = { min: 16, minLate: 4, calm: 128, max: 512 } as const;
/** Rows by key, which are gathered: hundreds that come at once leave in a few statements. */
const MANY = { min: 64, calm: 512, max: 4_096 } as const;
/** Each needs a core of its own for a while, and waits in a queue that is bounded. */
const FEW = { min: 8, calm: 32, max: 64 } as const;
const FIXED = { min: 64, calm: 64, max: 64 } as const;

/** Nothing else in the document is it. */
const INSTANCE = '{instance}';
const REFUSAL = JSON.stringify(
  new Problem(busy.definition, 'This instance has as much to do as it can; try again.').toDocument(INSTANCE),
).split(INSTANCE) as [string, string];
const HEADERS = {
  'content-type': 'application/problem+json',
  'cache-control': 'no-store',
  'retry-after': String(busy.definition.retryAfterSeconds),
  ...SAFE_HEADERS,
};
const HEAD = `HTTP/1.1 ${busy.definition.status} Service Unavailable\r\n${Object.entries(HEADERS)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join('')}`;

const TICKET = Symbol('ticket');

interface Ticketed {
  /** Before it has one: the budget that it counts for if not by its path, or null if it is let in whatever there is to do. */
  [TICKET]?: Ticket | Budget | null;
}

export class Load {
  /** While the server closes, connections end with a refusal, too. */
  isDraining = false;
  private readonly lateness = new Lateness();
  readonly rows = new Budget('row', MANY);
  private readonly reads = this.budgetFor('read');
  private readonly writes = this.budgetFor('write');
  private readonly logins = new Budget('login', FEW);
  private readonly probes = new Budget('health', FIXED);
  /** By method and path, of those whose budget is not that of their method; undefined: something else bounds them. */
  private readonly exceptions = new Map<string, Budget | undefined>();
  /** How many read it just now, by path and query: those who ask for the same get it from one load. */
  private readonly asked = new Map<string, number>();
  private telemetry?: Telemetry;

  /** True if the request has been refused; else it counts until its answer is made: a client that does not read holds no budget. */
  refuses(request: IncomingMessage, response: ServerResponse): boolean {
    const given = (request as Ticketed)[TICKET];
    if (given === null) return false;
    const { method, url } = request as { method: string; url: string };
    const isRead = method === 'GET' || method === 'HEAD';
    const budget = given instanceof Budget ? given : this.budgetOf(isRead, method, url);
    if (budget === undefined) return false;
    const known = isRead && request.headers.authorization === undefined ? url : undefined;
    if (budget.isFull) return known === undefined || !this.asked.has(known) ? this.refuse(budget, response) : false;
    if (known !== undefined) this.asked.set(known, (this.asked.get(known) ?? 0) + 1);
    const ticket = new Ticket(budget, isRead);
    (request as Ticketed)[TICKET] = ticket;
    onceAnswered(response, () => {
      ticket.leave();
      if (known !== undefined) this.forget(known);
    });
    return false;
  }

  /** It asks for what is kept, and may be shown as soon as that is known to hold. */
  letIn(request: IncomingMessage): void {
    (request as Ticketed)[TICKET] = null;
  }

  /** It asks for one row, which the router will look for. */
  countAsRow(request: IncomingMessage): void {
    (request as Ticketed)[TICKET] = this.rows;
  }

  /** Always true. */
  refuse(budget: Budget, response: ServerResponse): true {
    budget.refused++;
    const id = newRequestId(response.req.headers['x-request-id']);
    const body = REFUSAL[0] + id + REFUSAL[1];
    const length = String(body.length);
    if (this.isDraining) response.shouldKeepAlive = false;
    if (takesText && response.shouldKeepAlive && response.req.method !== 'HEAD')
      sendText(
        response,
        busy.definition.status,
        `${HEAD}x-request-id: ${id}\r\ncontent-length: ${length}\r\n\r\n${body}`,
      );
    else {
      const headers = { ...HEADERS, 'x-request-id': id, 'content-length': length };
      response.writeHead(busy.definition.status, headers).end(body, 'latin1');
    }
    this.telemetry?.emit('load.refused', { budget: budget.name, limit: Math.round(budget.limit) });
    return true;
  }

  /** Must be called before the first route is registered. */
  watch(fastify: FastifyInstance, telemetry: Telemetry, metrics: Metrics): void {
    this.telemetry = telemetry;
    const budgets = [this.rows, this.reads, this.writes, this.logins, this.probes];
    const readings = (value: (budget: Budget) => number) => () =>
      budgets.map((budget) => ({ labels: { budget: budget.name }, value: value(budget) }));
    metrics.watch(
      'gauge',
      'load_limit',
      'Requests that may be worked on at once, by budget.',
      readings((one) => Math.round(one.limit)),
    );
    metrics.watch(
      'gauge',
      'load_running',
      'Requests that are worked on, by budget.',
      readings((one) => one.running),
    );
    metrics.watch(
      'counter',
      'load_refusals_total',
      'Requests that were refused in front of the router, by budget.',
      readings((one) => one.refused),
    );
    fastify.addHook('onClose', (_fastify, done) => {
      this.lateness.stop();
      done();
    });
    fastify.addHook('onRoute', ({ method, url, config }) => {
      const { operation } = config ?? {};
      if (!operation || url.includes(':')) return;
      for (const one of [method].flat())
        if (this.isException(operation, one)) this.exceptions.set(`${one} ${url}`, this.exceptionOf(operation, one));
    });
    fastify.addHook('preHandler', (request, _reply, done) => {
      const ticket = (request.raw as Ticketed)[TICKET];
      if (ticket instanceof Ticket) ticket.begin(request.routeOptions.url);
      done();
    });
  }

  private budgetFor(name: string): Budget {
    return new Budget(name, SOME, (now) => this.lateness.ms(now));
  }

  private budgetOf(isRead: boolean, method: string, url: string): Budget | undefined {
    const key = `${isRead ? 'GET' : method} ${routedPath(url)}`;
    if (this.exceptions.has(key)) return this.exceptions.get(key);
    return isRead ? this.reads : this.writes;
  }

  private forget(url: string): void {
    const count = (this.asked.get(url) ?? 1) - 1;
    if (count === 0) this.asked.delete(url);
    else this.asked.set(url, count);
  }

  private isException(operation: OperationConfig, method: string): boolean {
    return limitOf(operation, method) !== undefined
      ? limitOf(operation, method) !== 'write'
      : operation.isUnstored === true;
  }

  private exceptionOf(operation: OperationConfig, method: string): Budget | undefined {
    const limit = limitOf(operation, method);
    return limit === undefined ? this.probes : limit === 'bulk' ? undefined : this.logins;
  }
}

class Ticket {
  private route = 'unmatched';
  private begunAt = performance.now();
  private readonly window?: number;
  private isRunning = false;
  private isOver = false;

  constructor(
    private readonly budget: Budget,
    isWhole: boolean,
  ) {
    if (isWhole) this.enter();
    else this.window = budget.announce();
  }

  /** Its handler is about to run. */
  begin(route = this.route): void {
    this.route = route;
    // Who was answered, or has gone, before his handler runs has left already.
    if (this.isRunning || this.isOver) return;
    this.budget.arrived(this.window as number);
    this.begunAt = performance.now();
    this.enter();
  }

  leave(): void {
    this.isOver = true;
    const now = performance.now();
    if (this.isRunning) this.budget.leave(this.route, now - this.begunAt, now);
    else this.budget.arrived(this.window as number);
  }

  private enter(): void {
    this.isRunning = true;
    this.budget.enter();
  }
}
