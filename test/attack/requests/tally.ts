// How often each operation was asked, and how it answered.
import type { Step } from './steps';

export class Tally {
  requests = 0;
  private readonly statuses = new Map<string, Map<number, number>>();
  private readonly accepted = new Map<string, number>();

  count({ operation = '(none)', isValid }: Step, status: number): void {
    this.requests++;
    const own = this.statuses.get(operation) ?? new Map<number, number>();
    this.statuses.set(operation, own.set(status, (own.get(status) ?? 0) + 1));
    if (isValid && status < 400) this.accepted.set(operation, (this.accepted.get(operation) ?? 0) + 1);
  }

  /** Whether valid requests of an operation were accepted at all: else nothing behind its checks was tried. */
  neverAccepted(operations: readonly string[]): string[] {
    return operations.filter((one) => !this.accepted.has(one));
  }

  /** A line for each operation. */
  lines(): string[] {
    const rows = [...this.statuses].sort(([a], [b]) => (a < b ? -1 : 1));
    return rows.map(([operation, own]) => {
      const counts = [...own].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
      return `  ${operation.padEnd(16)} ${counts.join(', ')}`;
    });
  }
}
