// The one way to refuse: a Problem (RFC 9457) with a stable code, thrown by a short maker that was defined once.

export interface InputError {
  /** Stable, snake_case. */
  readonly code: string;
  readonly detail: string;
  /** JSON Pointer into the body (RFC 6901). */
  readonly pointer?: string;
  /** Name of a query, path or header parameter. */
  readonly parameter?: string;
}

export interface ProblemDefinition {
  readonly status: number;
  readonly code: string;
  /** What this kind of problem is, the same for every occurrence; ends without a full stop. */
  readonly title: string;
  /** Name of the database constraint whose violation is this problem. */
  readonly constraint?: string;
  /** JSON Pointer to the field that is to blame when the constraint is violated. */
  readonly pointer?: string;
  /** Seconds for the Retry-After header. */
  readonly retryAfterSeconds?: number;
}

export interface ProblemExtra {
  readonly errors?: readonly InputError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the problem document. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** For the log only, never for the client. */
  readonly cause?: unknown;
}

export class Problem extends Error {
  constructor(
    readonly definition: ProblemDefinition,
    readonly detail: string,
    readonly extra: ProblemExtra = {},
  ) {
    super(`${definition.code}: ${detail}`, { cause: extra.cause });
  }

  /** The document that goes out; `instance` is the request id. */
  toDocument(instance?: string): Record<string, unknown> {
    const { status, code, title } = this.definition;
    const { errors, members } = this.extra;
    const type = `/docs/problems#${code}`;
    return {
      type,
      title,
      status,
      detail: this.detail,
      ...(instance && { instance }),
      code,
      ...members,
      ...(errors && { errors }),
    };
  }
}

/** Throws its problem; usable as a statement and as the right side of `??`. */
export interface Refusal {
  (detail: string, extra?: ProblemExtra): never;
  readonly definition: ProblemDefinition;
}

const defined = new Map<string, ProblemDefinition>();

/** Defines a problem once, at import time; its code enters the table of codes and the OpenAPI document. */
export function defineProblem(definition: ProblemDefinition): Refusal {
  if (defined.has(definition.code)) throw new Error(`The problem ${definition.code} is defined twice.`);
  defined.set(definition.code, Object.freeze(definition));
  const refuse = (detail: string, extra?: ProblemExtra): never => {
    throw new Problem(definition, detail, extra);
  };
  return Object.assign(refuse, { definition });
}

/** Every problem that the imported modules can answer with, by status and code. */
export function definedProblems(): ProblemDefinition[] {
  return [...defined.values()].sort((a, b) => a.status - b.status || (a.code < b.code ? -1 : 1));
}

export function problemForConstraint(constraint: string | undefined): ProblemDefinition | undefined {
  return constraint === undefined ? undefined : [...defined.values()].find((one) => one.constraint === constraint);
}
