// A pg client that reports each statement it runs, whoever sends it (our SQL, TypeORM's, a transaction's BEGIN), and awaits none for ever.
import type { Telemetry } from '@app/telemetry';
import { Client, type ClientConfig } from 'pg';
import { expectAnswer } from './patience';

type Callback = (error: Error | null, result: unknown) => void;

/**
 * Client class for a pool; emits `database.statement` for every query once it has ended.
 * @param statementMs how long a statement may take by default
 */
export function measuredClient(telemetry: Telemetry, statementMs: number): typeof Client {
  return class MeasuredClient extends Client {
    constructor(config?: string | ClientConfig) {
      super(config);
      // pg declares twelve overloads of query(); one body serves them all.
      (this as { query: unknown }).query = (...args: unknown[]) => this.measured(args);
    }

    private measured(args: unknown[]): unknown {
      const started = performance.now();
      const sql = textOf(args[0]);
      let answered: (() => void) | undefined;
      const report = (failed: boolean): void => {
        answered?.();
        telemetry.emit('database.statement', { sql, durationMs: performance.now() - started, failed });
      };
      const run = Client.prototype.query.bind(this) as (...all: unknown[]) => unknown;
      const callback = args.at(-1);
      if (typeof callback === 'function') {
        answered = expectAnswer(this, statementMs);
        const done: Callback = (error, result) => {
          report(error !== null && error !== undefined);
          (callback as Callback)(error, result);
        };
        return run(...args.slice(0, -1), done);
      }
      const answer = run(...args);
      if (answer instanceof Promise) {
        answered = expectAnswer(this, statementMs);
        answer.then(
          () => report(false),
          () => report(true),
        );
      }
      return answer;
    }
  };
}

/** A statement whose values are written out in it says what may be shown. */
function textOf(query: unknown): string {
  if (typeof query === 'string') return query;
  const { shown, text } = query as { shown?: string; text?: string };
  return shown ?? text ?? '';
}
