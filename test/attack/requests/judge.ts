// What every answer must be, whatever was asked: what the document says, no failure, nothing that is somebody else's secret.
import type { OpenApiDocument } from '@app/http';
import { Contract } from '../../support/contract';
import { expectedCodes, type Listed } from './listed';
import { type Answer, isOutOfTime, type Sent } from './sender';

export interface Secret {
  readonly text: string;
  readonly name: string;
}

/** Documented headers that are there only under a condition that the document tells in words. */
const CONDITIONAL: Readonly<Record<string, (answer: Answer, sent: Sent) => boolean>> = {
  'idempotency-replayed': () => true,
  'set-cookie': () => true,
  // Where nothing was changed, there is nothing to miss.
  'consistency-token': () => true,
  // Only what is long enough to be worth compressing has several forms.
  vary: () => true,
  // There is no such resource yet, hence no tag.
  etag: ({ status }) => status === 412,
  // Limits are switched off while this is tried.
  ratelimit: () => true,
  'ratelimit-policy': () => true,
  // Only a scope that a key lacks has a name.
  'www-authenticate': ({ status, text }) => status === 403 && !text.includes('"insufficient_scope"'),
};

export class Judge {
  private readonly contract: Contract;
  private readonly listed: Listed;

  constructor(document: OpenApiDocument) {
    this.contract = new Contract(document);
    this.listed = expectedCodes(document);
  }

  /** Everything that is wrong with the answer. */
  faultsOf(operation: string | undefined, sent: Sent, answer: Answer, secrets: readonly Secret[]): string[] {
    const { status, headers, text } = answer;
    const faults: string[] = [];
    if (status >= 500 && !isOutOfTime(sent, answer)) faults.push(`answered ${status}: ${text.slice(0, 300)}`);
    try {
      this.contract.verify({ method: sent.method, path: sent.url, status, headers, text });
    } catch (error) {
      faults.push((error as Error).message);
    }
    if (sent.method === 'HEAD' && text !== '') faults.push('answered HEAD with a body');
    if (operation !== undefined) faults.push(...this.missingHeaders(operation, sent, answer));
    if (status >= 400 && sent.method !== 'HEAD') faults.push(...this.faultsOfProblem(operation, answer));
    const told = secrets.find((secret) => text.includes(secret.text));
    if (told) faults.push(`told ${told.name}`);
    return faults;
  }

  private missingHeaders(operation: string, sent: Sent, answer: Answer): string[] {
    const { headers = [] } = this.listed.get(operation)?.get(answer.status) ?? {};
    return headers
      .filter((name) => answer.headers[name] === undefined && !CONDITIONAL[name]?.(answer, sent))
      .map((name) => `answered ${answer.status} without ${name}`);
  }

  private faultsOfProblem(operation: string | undefined, { status, headers, text }: Answer): string[] {
    const faults: string[] = [];
    if (!/^application\/problem\+json/.test(headers['content-type'] ?? ''))
      return [`refused as ${headers['content-type']}`];
    const problem = JSON.parse(text) as Record<string, unknown>;
    const code = String(problem['code']);
    if (problem['status'] !== status) faults.push(`answered ${status} with a problem of ${String(problem['status'])}`);
    if (problem['instance'] !== headers['x-request-id']) faults.push('named another request in the problem');
    if (problem['type'] !== `/docs/problems#${code}`) faults.push(`refers to ${String(problem['type'])} for ${code}`);
    const { codes } = (operation === undefined ? undefined : this.listed.get(operation)?.get(status)) ?? {};
    if (codes && !codes.includes(code))
      faults.push(`answered ${status} ${code}, which the document does not list there`);
    return faults;
  }
}
