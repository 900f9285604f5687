// A named statement in the form that pg submits, without what pg would do again each time: describe it, and find its parsers.
import type { ClientBase, Connection } from 'pg';

export type Row = Record<string, unknown>;
export type Answered = (error: Error | null, rows?: Row[]) => void;
type Parse = (text: string) => unknown;

/** What a connection answers a statement with; learned when it is prepared there. */
export interface Shape {
  readonly names: readonly string[];
  readonly parsers: readonly Parse[];
  /** Copied for each row: all rows of a statement are then of one kind for V8. */
  readonly blank: Row;
}

/** Of a statement that is parsed each time. */
export const UNNAMED = '';

/** Of one connection, by the statement's name. */
export type Shapes = Map<string, Shape>;

/** As text or bytes. */
export type SentValue = string | Buffer | null;

export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Of pg's connection, what its types leave out. */
interface Wire extends Connection {
  readonly parsedStatements: Readonly<Record<string, string | undefined>>;
}

interface RowDescription {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number; readonly format: string }[];
}

/**
 * One execution. PostgreSQL refuses a prepared statement whose columns have changed ("cached plan must not change result type"),
 * so one description for each connection is enough.
 */
export class Execution {
  readonly name: string;
  readonly text: string;
  /** Set by `Client.query()`. */
  callback?: Answered;
  private readonly rows: Row[] = [];
  private failure?: Error;

  constructor(
    { name, text }: Statement,
    private readonly values: readonly SentValue[],
    private readonly shapes: Shapes,
    private readonly parserOf: (oid: number) => unknown,
  ) {
    this.name = name;
    this.text = text;
  }

  /** Parse, Bind, Describe, Execute and Sync leave in one write (PostgreSQL: "Extended Query"). */
  submit(connection: Connection): void {
    const { stream, parsedStatements } = connection as Wire;
    const wire = connection as unknown as Record<'parse' | 'bind' | 'describe' | 'execute', (message: object) => void>;
    stream.cork();
    if (parsedStatements[this.name] === undefined) wire.parse({ name: this.name, text: this.text });
    wire.bind({ statement: this.name, values: this.values });
    if (this.name === UNNAMED || !this.shapes.has(this.name)) wire.describe({ type: 'P', name: '' });
    wire.execute({});
    connection.sync();
    stream.uncork();
  }

  handleRowDescription({ fields }: RowDescription): void {
    this.shapes.set(this.name, {
      names: fields.map(({ name }) => name),
      parsers: fields.map(({ dataTypeID }) => this.parserOf(dataTypeID) as Parse),
      blank: Object.fromEntries(fields.map(({ name }) => [name, null])),
    });
  }

  handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
    const { names, parsers, blank } = this.shapes.get(this.name) as Shape;
    const row = { ...blank };
    try {
      for (let at = 0; at < fields.length; at++) {
        const text = fields[at];
        if (typeof text === 'string') row[names[at] as string] = (parsers[at] as Parse)(text);
      }
      this.rows.push(row);
    } catch (error) {
      this.failure = error as Error;
    }
  }

  handleReadyForQuery(): void {
    if (this.failure) this.callback?.(this.failure);
    else this.callback?.(null, this.rows);
  }

  handleError(error: Error): void {
    this.callback?.(error);
  }

  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
}

/** @param answered called once, with the rows or the error of the statement */
export function execute(client: ClientBase, execution: Execution, answered: Answered): void {
  // pg's types know no callback beside a query of one's own.
  const query = client.query.bind(client) as unknown as (execution: Execution, answered: unknown) => void;
  query(execution, answered);
}
