// One long-lived connection for reads by key: connects when it is needed, and again after a loss.
import type { Client, ClientConfig } from 'pg';
import { DatabaseUnavailable, failureOf } from './failures';
import { type Answered, execute, Execution, type Shapes, type Statement, UNNAMED } from './prepared';
import { outside } from './scope';

/** No such statement, one of that name already: nothing has been executed. */
const NAME_REFUSED = new Set(['26000', '42P05']);

export interface LaneSettings {
  readonly client: new (config: ClientConfig) => Client;
  readonly config: ClientConfig;
  readonly onLost: (error: Error) => void;
  /** Shared by all lanes: whether statements are sent with their names. */
  readonly naming: { isOn: boolean };
}

export class Lane {
  private client?: Client;
  private connecting?: Client;
  private shapes: Shapes = new Map();
  private isClosed = false;

  constructor(private readonly settings: LaneSettings) {}

  /**
   * Runs a statement with one parameter. One at a time: `answered` says that the next may come.
   * @param answered gets DatabaseUnavailable when there is no connection or it is lost, else the error of the statement
   */
  send(statement: Statement, value: string, answered: Answered): void {
    const { client } = this;
    if (client) return this.submit(client, statement, value, answered);
    // What a socket's callbacks belong to is decided when it connects: to nobody, since all will share it.
    void outside(() =>
      this.connect().then(
        (connected) => this.submit(connected, statement, value, answered),
        (error: unknown) => answered(new DatabaseUnavailable(error)),
      ),
    );
  }

  /** The next statement connects anew. */
  leave(): void {
    const client = this.client ?? this.connecting;
    this.client = undefined;
    void client?.end().catch(() => undefined);
  }

  close(): void {
    this.isClosed = true;
    this.leave();
  }

  private submit(client: Client, statement: Statement, value: string, answered: Answered): void {
    const parserOf = (oid: number): unknown => client.getTypeParser(oid, 'text');
    const { naming } = this.settings;
    const sent = naming.isOn ? statement : { ...statement, name: UNNAMED };
    const execution = new Execution(sent, [value], this.shapes, parserOf);
    execute(client, execution, (error, rows) => {
      if (!error) return answered(null, rows);
      // A pooler gives each statement another connection, on which the name is not known, or means something already.
      if (sent.name !== UNNAMED && NAME_REFUSED.has((error as { code?: string }).code ?? '')) {
        naming.isOn = false;
        return this.submit(client, statement, value, answered);
      }
      const isLost = this.client !== client || failureOf(error)?.kind === 'unavailable';
      if (isLost && this.client === client) this.leave();
      answered(isLost ? new DatabaseUnavailable(error) : error);
    });
  }

  private async connect(): Promise<Client> {
    if (this.isClosed) throw new Error('The lane is closed.');
    const client = new this.settings.client(this.settings.config);
    this.connecting = client;
    const lose = (error?: Error): void => {
      if (this.client !== client) return;
      this.client = undefined;
      if (error) this.settings.onLost(error);
    };
    client.on('error', lose).on('end', () => lose());
    try {
      await client.connect();
      if (this.isClosed) throw new Error('The lane is closed.');
      this.shapes = new Map();
      return (this.client = client);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    } finally {
      this.connecting = undefined;
    }
  }
}
