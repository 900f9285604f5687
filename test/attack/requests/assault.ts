// Carries sequences of requests out against the real application, and holds every answer and every change against what is promised.
import { Database } from '@app/database';
import type { OpenApiDocument } from '@app/http';
import type { AddressInfo } from 'node:net';
import { TestApi } from '../../support/api';
import { Acceptance } from './acceptance';
import { curlOf } from './curl';
import { Judge } from './judge';
import { operationsOf } from './operations';
import { Ledger, type Rows, wrongsOf } from './rights';
import { Schemas } from './schemas';
import { type Answer, isOutOfTime, Sender, type Sent } from './sender';
import type { Step } from './steps';
import { Tally } from './tally';
import { World } from './world';

const creation = (caller: 'user' | 'other'): Step => ({
  operation: 'createItem',
  caller,
  method: 'POST',
  url: '/v1/items',
  headers: {},
  body: { type: 'application/json', text: '{"sku":"‹fresh 0›","name":"Lamp","price":1,"currency":"EUR"}' },
  isValid: true,
});

const key: Step = {
  ...creation('user'),
  operation: 'createApiKey',
  url: '/v1/api-keys',
  body: { type: 'application/json', text: '{"name":"Key","scopes":["read"],"currentPassword":"‹password 0›"}' },
};

const feed: Step = {
  ...creation('user'),
  operation: 'createFeed',
  caller: 'admin',
  url: '/v1/feeds',
  body: { type: 'application/json', text: '{"name":"‹fresh 0›","url":"https://supplier.example/","format":"csv"}' },
};

const refresh: Step = {
  ...feed,
  operation: 'refreshFeeds',
  url: '/v1/feeds/refresh',
  body: { type: 'application/json', text: '{"feedIds":["‹feeds.id 0›"]}' },
};

/** What every sequence begins with: something of one's own, something of somebody else's, and something of all. */
const PRELUDE = [creation('other'), creation('user'), key, feed, refresh];

export class Assault {
  readonly tally = new Tally();
  /** Of the last sequence in which something was wrong. */
  history: string[] = [];
  private rows: Rows = new Map();
  private readonly collections: ReadonlyMap<string, string>;

  private constructor(
    readonly document: OpenApiDocument,
    readonly schemas: Schemas,
    private readonly api: TestApi,
    private readonly ledger: Ledger,
    private readonly sender: Sender,
    private readonly world: World,
    private readonly judge: Judge,
    private readonly acceptance: Acceptance,
  ) {
    this.collections = new Map(operationsOf(document).map(({ id, collection }) => [id, collection]));
  }

  static async start(): Promise<Assault> {
    const api = await TestApi.start(SETTINGS);
    await api.app.listen(0, '127.0.0.1');
    const { port } = (api.app.getHttpServer() as { address(): AddressInfo }).address();
    const document = (await api.get('/openapi.json')).body as OpenApiDocument;
    const schemas = new Schemas(document);
    const ledger = await Ledger.open(api.databaseUrl);
    return new Assault(
      ...([document, schemas, api, ledger, new Sender(port), new World(api)] as const),
      new Judge(document),
      new Acceptance(document, schemas),
    );
  }

  /** @throws when something is wrong; `history` then has the requests that led to it */
  async carryOut(sequence: readonly Step[]): Promise<void> {
    await this.world.begin(await this.ledger.read());
    this.world.settle((this.rows = await this.ledger.read()));
    const history: string[] = [];
    try {
      for (const step of [...PRELUDE, ...sequence]) settled(await this.take(step, history));
      const changed = wrongsOf(
        { status: 0, method: 'GET', callerId: undefined, operation: undefined },
        this.rows,
        await this.ledger.read(),
      );
      settled(changed.map((one) => `One of the reads ${one}`));
    } catch (error) {
      // Also when nothing was answered at all.
      this.history = history;
      throw error;
    }
  }

  private async take(step: Step, history: string[]): Promise<string[]> {
    const sent = this.world.request(step);
    history.push(curlOf(sent, step.caller));
    const answer = await this.sender.send(sent);
    this.tally.count(step, answer.status);
    const faults = [
      ...this.judge.faultsOf(step.operation, sent, answer, this.world.secretsFor(step.caller, sent)),
      ...this.acceptance.faultsOf(step, sent, answer),
      ...(sent.method === 'GET' || sent.method === 'HEAD' ? [] : await this.changes(step, sent, answer)),
    ];
    this.world.learn(answer, this.collections.get(step.operation ?? ''));
    return faults.map((one) => `${step.operation ?? 'An unknown operation'} ${one}`);
  }

  private async changes({ caller, operation, method }: Step, sent: Sent, answer: Answer): Promise<string[]> {
    const { status } = answer;
    if (isOutOfTime(sent, answer)) await this.settle();
    const before = this.rows;
    this.rows = await this.ledger.read();
    const callerId = this.world.accountOf(caller)?.id;
    return wrongsOf({ callerId, operation, status, method }, before, this.rows);
  }

  /** Waits until nothing more is written: what was begun for whoever has had his 504 may end a moment later. */
  private async settle(): Promise<void> {
    const database = this.api.app.get(Database);
    for (;;) {
      const { total, idle, waiting } = database.poolState();
      if (idle === total && waiting === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Forgets what sequences have left behind. */
  async tidy(): Promise<void> {
    await this.ledger.clear(this.world.accounts.map(({ id }) => id));
    await this.api.look();
  }

  async end(): Promise<void> {
    this.sender.close();
    await this.ledger.close();
    await this.api.close();
  }
}

function settled(faults: readonly string[]): void {
  if (faults.length > 0) throw new Error(faults.join('; '));
}

/** Nothing here is about limits: what refuses by count belongs switched off. */
const SETTINGS: Parameters<typeof TestApi.start>[0] = {};
