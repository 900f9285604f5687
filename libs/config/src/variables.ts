// The table of all that the environment may say: adding a variable is adding a row.
import { availableParallelism } from 'node:os';
import { email, listenAddress, network, networkOrHost, origin, tokenLink, url } from './address-parsers';
import { databaseRows } from './database-variables';
import { bytes, characters, folder, list, oneOf, orAuto, orOff, wholeNumber, type Parser } from './parsers';
import type { Row } from './row';

export const rows = {
  port: {
    name: 'PORT',
    description: 'Port of the API; 0 takes any free one.',
    parser: wholeNumber({ min: 0, max: 65_535 }),
    default: '3000',
  },
  host: {
    name: 'HOST',
    description: 'Address that the API listens on; 0.0.0.0 or :: to be reached from other machines.',
    parser: listenAddress(),
    default: '127.0.0.1',
  },
  adminPort: {
    name: 'ADMIN_PORT',
    description: 'Port of the metrics; 0 takes any free one, off opens none.',
    parser: orOff(wholeNumber({ min: 0, max: 65_535 })),
    default: '9464',
  },
  workerAdminPort: {
    name: 'WORKER_ADMIN_PORT',
    description: 'Port of the metrics of a feed worker, which may run beside the service; the same values.',
    parser: orOff(wholeNumber({ min: 0, max: 65_535 })),
    default: 'off',
  },
  adminHost: {
    name: 'ADMIN_HOST',
    description: 'Address that metrics are served on; one that only Prometheus reaches, since nobody has to log in.',
    parser: listenAddress(),
    default: '127.0.0.1',
  },
  workers: {
    name: 'WORKERS',
    description: 'Processes that serve, under one that watches over them; auto: one for each core; 1: nobody watches.',
    parser: orAuto(wholeNumber({ min: 1, max: 256 }), availableParallelism),
    default: '1',
  },
  drainDelayMs: {
    name: 'DRAIN_DELAY_MS',
    description:
      'Milliseconds for which what still comes is taken after SIGTERM, until balancers have seen it is not ready.',
    parser: wholeNumber({ min: 0, max: 10_000 }),
    default: '3000',
    embeddedDefault: '0',
  },
  corsOrigins: {
    name: 'CORS_ORIGINS',
    description: 'Web pages that may call the API: exact origins, comma separated, like https://shop.example.',
    parser: list(origin()),
    default: '',
  },
  trustProxy: {
    name: 'TRUST_PROXY',
    description: 'Proxies whose X-Forwarded-* headers are believed: addresses or networks, comma separated.',
    parser: list(network()),
    default: '',
  },
  dataDir: {
    name: 'DATA_DIR',
    description: 'Folder of the embedded database and of the secrets made for it.',
    parser: folder(),
    default: '.floodgate',
  },
  ...databaseRows,
  redisUrl: {
    name: 'REDIS_URL',
    description:
      'Redis for what instances cache together, as redis://host:6379 or rediss://; memory alone when absent.',
    parser: url(['redis', 'rediss']),
  },
  cacheMemoryMb: {
    name: 'CACHE_MEMORY_MB',
    description: 'Most mebibytes of memory that one instance fills with cached answers.',
    parser: wholeNumber({ min: 1, max: 16_384 }),
    default: '64',
  },
  cacheStalenessMs: {
    name: 'CACHE_STALENESS_MS',
    description: 'Milliseconds after which no instance shows an older state, whoever changed it.',
    parser: wholeNumber({ min: 20, max: 5_000 }),
    default: '100',
  },
  jwtSecret: {
    name: 'JWT_SECRET',
    description:
      'Seals the keys that sign access tokens, 32 bytes or more; made and kept in DATA_DIR when embedded, else required.',
    parser: bytes({ min: 32 }),
    requiredWith: ['DATABASE_URL'],
    isSecret: true,
  },
  adminEmail: {
    name: 'ADMIN_EMAIL',
    description: 'First administrator; with DATABASE_URL only together with ADMIN_PASSWORD.',
    parser: email(),
    embeddedDefault: 'admin@floodgate.example',
    requiredWith: ['DATABASE_URL', 'ADMIN_PASSWORD'],
  },
  adminPassword: {
    name: 'ADMIN_PASSWORD',
    description: 'Password of the first administrator, 8 to 128 characters; made and printed once when embedded.',
    parser: characters({ min: 8, max: 128 }),
    requiredWith: ['DATABASE_URL', 'ADMIN_EMAIL'],
    isSecret: true,
  },
  rateLimitWrites: {
    name: 'RATE_LIMIT_WRITES',
    description: 'Most changes that one account may ask for in a minute, or off.',
    parser: orOff(wholeNumber({ min: 1, max: 10_000_000 })),
    default: '6000',
  },
  rateLimitLogins: {
    name: 'RATE_LIMIT_LOGINS',
    description: 'Most logins and the like that one address may try in a minute, or off.',
    parser: orOff(wholeNumber({ min: 1, max: 10_000_000 })),
    default: '60',
  },
  rateLimitSignUps: {
    name: 'RATE_LIMIT_SIGN_UPS',
    description: 'Most accounts that one address may ask for in an hour, or off.',
    parser: orOff(wholeNumber({ min: 1, max: 10_000_000 })),
    default: '60',
  },
  rateLimitBulk: {
    name: 'RATE_LIMIT_BULK',
    description: 'Most imports, and most exports of one account or address in a minute, or off.',
    parser: orOff(wholeNumber({ min: 1, max: 10_000_000 })),
    default: '30',
  },
  smtpUrl: {
    name: 'SMTP_URL',
    description: 'Mail server, as smtp://user:password@host:587 or smtps://; when absent, no mail is sent.',
    parser: url(['smtp', 'smtps']),
    isSecret: true,
  },
  mailFrom: {
    name: 'MAIL_FROM',
    description: 'Address that mails come from.',
    parser: email(),
    requiredWith: ['SMTP_URL'],
  },
  resetUrl: {
    name: 'RESET_URL',
    description: 'Page for a new password, as https://shop.example/reset#{token}; when absent, mails show the token.',
    parser: tokenLink(),
  },
  verifyUrl: {
    name: 'VERIFY_URL',
    description: 'Page that confirms an address, as https://shop.example/verify#{token}; the same.',
    parser: tokenLink(),
  },
  feedsAllow: {
    name: 'FEEDS_ALLOW',
    description:
      'Networks, addresses and host names that catalogues may be fetched from although they are not public, comma separated.',
    parser: list(networkOrHost()),
    default: '',
  },
  feedsConcurrency: {
    name: 'FEEDS_CONCURRENCY',
    description: 'Most catalogues that one instance fetches at the same time.',
    parser: wholeNumber({ min: 1, max: 4_096 }),
    default: '256',
  },
  seedItems: {
    name: 'SEED_ITEMS',
    description: 'Demo items put into a new embedded database; a server given by DATABASE_URL is never seeded.',
    parser: wholeNumber({ min: 0, max: 10_000_000 }),
    default: '0',
    embeddedDefault: '1000',
    isEmbeddedOnly: true,
  },
  logLevel: {
    name: 'LOG_LEVEL',
    description: 'Least severe log lines to write: fatal, error, warn, info, debug, trace or silent.',
    parser: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    default: 'info',
  },
} satisfies Record<string, Row>;

type Rows = typeof rows;
type Parsed<P extends keyof Rows> = Rows[P]['parser'] extends Parser<infer T> ? T : never;
type Defaulted = { [P in keyof Rows]: Rows[P] extends { default: string } ? P : never }[keyof Rows];
type Values = { [P in Defaulted]: Parsed<P> } & { [P in Exclude<keyof Rows, Defaulted>]?: Parsed<P> };

/** The effective configuration, frozen: one property for each row, undefined where nothing is set and no default holds. */
export interface Config extends Readonly<Values> {
  /** No DATABASE_URL: the embedded PostgreSQL in `dataDir` is used. */
  readonly embedded: boolean;
}

/** What holds when the variable is absent. */
export function fallbackOf(row: Row, embedded: boolean): string | undefined {
  return embedded ? (row.embeddedAlways ?? row.embeddedDefault ?? row.default) : row.default;
}

export interface Variable {
  readonly name: string;
  readonly description: string;
  /** As on a bare machine, where no other variable is set. */
  readonly default?: string;
  readonly isSecret: boolean;
}

/** Each variable that is read, in the order of `.env.example` and of the documentation. */
export const variables: readonly Variable[] = Object.values<Row>(rows).map((row) => ({
  name: row.name,
  description: row.description,
  default: row.embeddedDefault ?? row.default,
  isSecret: row.isSecret ?? false,
}));
