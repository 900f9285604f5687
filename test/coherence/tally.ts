// Counts what a phase of the check has seen: reads, errors by class, staleness, and the violations with their stories.
import { type Answer, headerOf } from './answers';
import type { Outcome } from './connection';
import type { Plan } from './plans';
import type { ReadKind } from './reads';
import { StalenessHistogram } from './staleness';
import { type Fault, judge, type Read } from './verdict';

export interface Story {
  readonly fault: Fault;
  readonly text: string;
}

interface Occasion {
  readonly kind: ReadKind | 'own write';
  readonly instance: string;
  readonly sentAt: number;
}

const MAX_STORIES = 5;
/** An answer that says openly that it is out of date, because the service may be unable to know better. */
const MARKED_STALE = /ttl=-\d/;

export class Tally {
  reads = 0;
  withToken = 0;
  markedStale = 0;
  writes = 0;
  readonly staleness = new StalenessHistogram();
  readonly errors = new Map<string, number>();
  readonly origins = new Map<string, number>();
  readonly violations = { staleness: 0, token: 0, 'own write': 0 };
  readonly stories: Story[] = [];
  /** Answers that were not expected. */
  readonly surprises: string[] = [];

  /** @param recently what was going wrong just before the given time, in words */
  constructor(
    private readonly maxStalenessMs: number,
    private readonly recently: (at: number) => string,
  ) {}

  get violationCount(): number {
    return this.violations.staleness + this.violations.token + this.violations['own write'];
  }

  fail(reason: string): void {
    this.errors.set(reason, (this.errors.get(reason) ?? 0) + 1);
  }

  read(plan: Plan, { answer, loss }: Outcome, occasion: Occasion): void {
    if (!answer) return this.fail(`read ${loss}`);
    const answeredAt = performance.now();
    const origin = originOf(answer);
    const sightings = plan.look(answer);
    if (!sightings) return this.refuse(plan, answer);
    this.reads++;
    if (plan.floors.length > 0) this.withToken++;
    this.origins.set(origin, (this.origins.get(origin) ?? 0) + 1);
    const isMarked = MARKED_STALE.test(headerOf(answer, 'cache-status') ?? '');
    const read: Read = { sentAt: occasion.sentAt, floors: plan.floors };
    const { staleness, fault } = judge(read, sightings, isMarked ? Infinity : this.maxStalenessMs);
    if (isMarked) this.markedStale++;
    else this.staleness.add(staleness);
    if (fault) this.violate(fault, plan, answer, occasion, answeredAt);
  }

  /** Being unavailable is no surprise while servers are away; everything else is told. */
  private refuse({ request }: Plan, answer: Answer): void {
    this.fail(`read ${answer.status}`);
    if (answer.status === 503 || this.surprises.length >= MAX_STORIES) return;
    this.surprises.push(
      `${request.method} ${request.path} -> ${answer.status} ${answer.body.toString().slice(0, 300)}`,
    );
  }

  private violate(fault: Fault, { request }: Plan, answer: Answer, occasion: Occasion, answeredAt: number): void {
    this.violations[fault.because]++;
    if (this.stories.length >= MAX_STORIES) return;
    const { register, seen, expected, staleness, because } = fault;
    const { kind, instance, sentAt } = occasion;
    const sent = Object.entries(request.headers ?? {}).filter(([name]) => name !== 'Authorization');
    const text =
      `${because}: ${register.name} seen as ${seen}, acknowledged as ${expected}, ${staleness.toFixed(1)} ms before ` +
      `the read was sent at ${sentAt.toFixed(1)} (answered at ${answeredAt.toFixed(1)}) to ${instance}; ` +
      `${kind}: ${request.method} ${request.path} ${JSON.stringify(Object.fromEntries(sent))} -> ${answer.status}, ` +
      `${headerOf(answer, 'cache-status') ?? 'no Cache-Status'}; ${this.recently(answeredAt)}`;
    this.stories.push({ fault, text });
  }
}

/** Where the answer came from, without what differs from answer to answer. */
function originOf(answer: Answer): string {
  const status = headerOf(answer, 'cache-status');
  return status === undefined ? 'not cached' : status.replace(/;? *(ttl|key)=[^;]*/g, '').trim();
}
