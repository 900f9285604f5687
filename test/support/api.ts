// Boots the real application on a database of its own, and asks it over HTTP; every answer is held against the contract.
import 'reflect-metadata';
import { loadConfig } from '@app/config';
import { ChangeFeed, Database, sql } from '@app/database';
import type { OpenApiDocument } from '@app/http';
import { Telemetry } from '@app/telemetry';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { v7 as uuidv7 } from 'uuid';
import type { Settings } from '../../apps/api/src/app.module';
import { SigningKeys } from '../../apps/api/src/signing-keys/signing-keys.service';
import { createApp } from '../../apps/api/src/create-app';
import { Contract } from './contract';
import { createDatabase } from './database';

export interface Account {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly token: string;
  /** Of the same login. */
  readonly refreshToken?: string;
}

export interface Ask {
  /** Whose access token to send. */
  as?: Account;
  headers?: Record<string, string>;
  query?: Record<string, string | string[]>;
  /** Sent as JSON unless it is text or bytes. */
  body?: unknown;
}

export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string | undefined>;
  readonly text: string;
  /** The parsed JSON body; undefined if there is none. */
  readonly body: any; // eslint-disable-line @typescript-eslint/no-explicit-any -- tests look into answers of every shape
  /** Statements that the request sent to PostgreSQL, BEGIN and COMMIT included. */
  readonly sql: number;
}

/** argon2id of PASSWORD with the least memory and one pass: whoever logs in with it takes the way of all, and hardly any time. */
export const PASSWORD = 'correct horse battery staple';
const PASSWORD_HASH = '$argon2id$v=19$m=8,t=1,p=1$23nEI/GjV5WdSyQm04i+uA$NKqh9jWRqEfF6rJRKgHfYUenW/btirbjJ/QNmIxhTV0';

/** What each instance asks now and then by itself, and no request ever does. */
const UNASKED = /^\s*(UPDATE mail_requests SET attempts = attempts \+ 1|INSERT INTO api_key_uses)/;

export class TestApi {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly databaseUrl: string,
    private readonly contract: Contract,
    private readonly drop: () => Promise<void>,
  ) {}

  static async start(overrides: Partial<Settings> = {}): Promise<TestApi> {
    const { url, drop } = await createDatabase();
    return TestApi.on(url, overrides, drop);
  }

  /** Another instance on the same database. */
  join(overrides: Partial<Settings> = {}): Promise<TestApi> {
    return TestApi.on(this.databaseUrl, overrides);
  }

  /** On a database that is there already. */
  static async on(
    url: string,
    overrides: Partial<Settings> = {},
    drop = (): Promise<void> => Promise.resolve(),
  ): Promise<TestApi> {
    const jwtSecret = 'a secret that is used in tests only, 32 bytes or more';
    const config = loadConfig({
      DATABASE_URL: url,
      JWT_SECRET: jwtSecret,
      ADMIN_PORT: 'off',
      LOG_LEVEL: 'silent',
      DATABASE_POOL: '5',
      RATE_LIMIT_WRITES: 'off',
      RATE_LIMIT_LOGINS: 'off',
      RATE_LIMIT_SIGN_UPS: 'off',
      RATE_LIMIT_BULK: 'off',
      // However busy the machine is, nothing is read again that was not changed; and a write that is not told of stays hidden.
      CACHE_STALENESS_MS: '2000',
    });
    const onUnfitDatabase = (error: Error) => {
      throw error;
    };
    const app = await createApp({ ...config, databaseUrl: url, jwtSecret, onUnfitDatabase, ...overrides });
    await app.init().catch(async (error: unknown) => {
      // What has begun would go on until long after the test.
      await app.close();
      throw error;
    });
    await app.getHttpAdapter().getInstance().ready();
    const document = (await app.inject('/openapi.json')).json<OpenApiDocument>();
    return new TestApi(app, url, new Contract(document), drop);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.drop();
  }

  async request(method: string, url: string, { as, headers = {}, query, body }: Ask = {}): Promise<Reply> {
    const statements = this.countStatements();
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
    const answer = await this.app.inject({
      method: method as 'GET',
      url,
      query,
      headers: {
        ...(as && { authorization: `Bearer ${as.token}` }),
        ...(body !== undefined && !isRaw && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { payload: (isRaw ? body : JSON.stringify(body)) as string }),
    });
    const reply = { status: answer.statusCode, headers: answer.headers as Reply['headers'], text: answer.payload };
    this.contract.verify({ method, path: url, ...reply });
    const isJson = /json/.test(reply.headers['content-type'] ?? '') && answer.payload !== '';
    return {
      ...reply,
      sql: statements(),
      body:
        isJson && !/ndjson/.test(reply.headers['content-type'] ?? '')
          ? (JSON.parse(answer.payload) as unknown)
          : undefined,
    };
  }

  /** Counts from now on until the returned call. */
  countStatements(): () => number {
    let statements = 0;
    const stop = this.app.get(Telemetry).on('database.statement', ({ sql: text }) => {
      if (!UNASKED.test(text)) statements++;
    });
    return () => {
      stop();
      return statements;
    };
  }

  get = (url: string, ask?: Ask): Promise<Reply> => this.request('GET', url, ask);

  /** Rows of the file's own database, to look behind the answers or to change something behind the service's back. */
  async rows<Row extends object>(statement: ReturnType<typeof sql>): Promise<Row[]> {
    const rows = await this.app.get(Database).rows<Row>(statement);
    await this.look();
    return rows;
  }

  /** From now on the service knows of every change that was committed before. */
  async look(): Promise<void> {
    await this.app.get(ChangeFeed).poll();
  }

  /** The key that this service signs access tokens with. */
  signer(): ReturnType<SigningKeys['signer']> {
    return this.app.get(SigningKeys, { strict: false }).signer();
  }

  /** From now on nothing is cached that was read before, but for the signing keys: they change a few times a year. */
  async forget(): Promise<void> {
    const tables = [...this.app.get(ChangeFeed).loggedTables].filter((table) => table !== 'signing_keys');
    const tags = tables.map((table) => `${table}:*`);
    await this.rows(sql`INSERT INTO change_log (tags) VALUES (${tags})`);
  }

  /** Waits until nothing that was asked for is still being mailed, whose statements would count as somebody else's. */
  async settle(): Promise<void> {
    while ((await this.rows(sql`SELECT 1 FROM mail_requests`)).length > 0)
      await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** A new account that is logged in. */
  async createAccount({
    role = 'user',
    email = `${uuidv7()}@test.example`,
  }: { role?: 'user' | 'admin'; email?: string } = {}): Promise<Account> {
    const id = uuidv7();
    await this.rows(sql`INSERT INTO users (id, email, display_name, password_hash, role)
      VALUES (${id}, ${email}, 'Test Person', ${PASSWORD_HASH}, ${role})`);
    const { body } = await this.request('POST', '/v1/auth/login', { body: { email, password: PASSWORD } });
    const { accessToken: token, refreshToken } = body as { accessToken: string; refreshToken: string };
    return { id, email, password: PASSWORD, token, refreshToken };
  }
}
