// The list of everything the service tells about itself, and the one place where it is told.

/** Those whose refusals are counted: of routes (`LimitName`), and of guesses at a password. */
export const LIMITS = ['write', 'credentials', 'sign-up', 'bulk', 'guess'] as const;

/** Event name → payload. Payloads carry no secret and no parameter of a statement: readers write them down as they are. */
export interface Events {
  /** An answer has been sent. `route` is the template (`/v1/items/:id`) or `unmatched`: a path would be a new label each. */
  'http.answered': { requestId: string; method: string; route: string; status: number; durationMs: number };
  /** The unexpected error behind a 5xx; told beside `http.answered`, which carries the status. */
  'http.failed': { requestId: string; method: string; route: string; error: unknown };
  /** `sql` is the text with placeholders, never the values. */
  'database.statement': { sql: string; durationMs: number; failed: boolean };
  /** The database can be reached, for the first time or again; not told for each connection. */
  'database.connected': Record<string, never>;
  /** Told as often as it is noticed; the log repeats it at most every 10 s. */
  'database.lost': { reason: string };
  /** The change feed has asked the database what has changed; `changes` counts statements that changed something. */
  'changes.polled': { durationMs: number; changes: number };
  /** It could not ask: until it can, nothing that was read before counts as fresh. */
  'changes.lost': { reason: string };
  /** Redis can be used, for the first time or again. */
  'redis.connected': Record<string, never>;
  /** It cannot: away, silent or no Redis. Told at each failed attempt. */
  'redis.lost': { reason: string };
  /** One command that was sent; `failed` if no good answer came in time. */
  'redis.command': {
    command: 'get' | 'set' | 'delete' | 'scan' | 'publish' | 'count';
    durationMs: number;
    failed: boolean;
  };
  /** A route whose answers are to be kept ran a statement that no cache accounts for, so they were not; told once for each. */
  'cache.bypassed': { route: string; statement: string };
  /** Somebody used a credential of a session that had been used before: it is in two hands, so the session was ended. */
  'session.revoked': { accountId: string; sessionId: string };
  /** A request was refused because its caller, or those who try an account, had too many before; not told one by one in the log. */
  'limit.exceeded': { limit: (typeof LIMITS)[number] };
  /** A request was refused because so many of its kind are worked on; not told one by one in the log. */
  'load.refused': { budget: string; limit: number };
  /** There is nobody to send mails; told at boot. */
  'mail.off': { remedy: string };
  /** A mail could not be sent; `isGivenUp` if it never will be. `reason` is a code, since what servers say repeats addresses. */
  'mail.failed': { reason: string; attempts: number; isGivenUp: boolean };
  /** Somebody has logged in. */
  'session.begun': { accountId: string; sessionId: string };
  /** By its owner; not told of what expires, nor one by one of all that end with a password or an account. */
  'session.ended': { accountId: string; sessionId: string };
  /** A wrong password, or that of an account that may not log in. No account, no id: the name may be a password typed too early. `address` as it counts for limits. */
  'login.failed': { accountId?: string; address?: string };
  'password.changed': { accountId: string };
  /** Its owner has proved to read mail at the address that the account now has. */
  'email.changed': { accountId: string };
  /** Role or status, by an administrator; this is what they are from now on. */
  'account.changed': { accountId: string; byAccountId: string; role: string; status: string };
  'account.deleted': { accountId: string; byAccountId: string };
  'key.created': { accountId: string; keyId: string; scopes: readonly string[] };
  'key.deleted': { accountId: string; keyId: string };
  /** Somebody who is known asked for what he may not do. Who is not known is only counted, by the status of `http.answered`. */
  'access.refused': { requestId: string; method: string; route: string; code: string; accountId: string };
  /** Something that goes on behind the requests has met an error that nobody expected. */
  'job.failed': { error: unknown };
  'worker.started': Record<string, never>;
  /** A process of the supervisor's has ended that was not told to; another takes its place after so long. */
  'process.fell': { pid: number; reason: string; waitMs: number };
  'app.listening': { url: string };
  'app.draining': { signal: string };
  'app.stopped': Record<string, never>;
  /** A reader threw; told once for each reader. */
  'telemetry.failed': { event: EventName; error: unknown };
}

export type EventName = keyof Events;
export type Reader<Name extends EventName> = (payload: Events[Name]) => void;

/** Synchronous: a reader runs inside the call of whoever emits, so it must be quick; one that throws harms nobody else. */
export class Telemetry {
  private readonly readers = new Map<EventName, Set<Reader<never>>>();
  private readonly reported = new WeakSet<Reader<never>>();

  emit<Name extends EventName>(name: Name, payload: Events[Name]): void {
    const readers = this.readers.get(name) as Set<Reader<Name>> | undefined;
    if (readers === undefined) return;
    for (const read of readers) {
      try {
        read(payload);
      } catch (error) {
        this.reportOnce(read, name, error);
      }
    }
  }

  /** @returns the call that unsubscribes. The same function subscribed twice to an event is still called once. */
  on<Name extends EventName>(name: Name, reader: Reader<Name>): () => void {
    const readers = this.readers.get(name) ?? new Set();
    this.readers.set(name, readers.add(reader));
    return () => {
      readers.delete(reader);
    };
  }

  private reportOnce(reader: Reader<never>, event: EventName, error: unknown): void {
    if (this.reported.has(reader)) return;
    // Before the emit: a reader of telemetry.failed that throws would call itself for ever.
    this.reported.add(reader);
    this.emit('telemetry.failed', { event, error });
  }
}
