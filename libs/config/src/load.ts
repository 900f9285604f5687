// Environment in, frozen configuration out; all that is wrong with it is said at once.
import { ConfigError } from './config-error';
import { readEnvFile } from './env-file';
import type { Row } from './row';
import { fallbackOf, rows, type Config } from './variables';

/**
 * Reads the environment and the `.env` file of the working directory, over which the environment wins, also with an
 * empty value: `DATABASE_URL= npm start` is embedded whatever the file says. A given `environment` is read alone.
 * @throws ConfigError that names every malformed or missing variable.
 */
export function loadConfig(environment: NodeJS.ProcessEnv = { ...readEnvFile('.env'), ...process.env }): Config {
  const given = textsIn(environment);
  const embedded = !given.has(rows.databaseUrl.name);
  const complaints = Object.values<Row>(rows).flatMap((row) => complaintsAbout(row, given, embedded));
  if (complaints.length > 0) throw new ConfigError(complaints.join('; '));

  const values = Object.entries<Row>(rows).map(([property, row]) => {
    const fallback = fallbackOf(row, embedded);
    const text = embedded && row.embeddedAlways !== undefined ? fallback : (given.get(row.name) ?? fallback);
    return [property, text === undefined ? undefined : row.parser.parse(text)];
  });
  const config = Object.freeze({ ...Object.fromEntries(values), embedded }) as Config;
  if (config.port !== 0 && config.port === config.adminPort)
    throw new ConfigError(`${rows.adminPort.name} must be another port than ${rows.port.name}`);
  if (embedded && config.databaseDirectUrl !== undefined)
    throw new ConfigError(`${rows.databaseUrl.name} is required with ${rows.databaseDirectUrl.name}`);
  return config;
}

/** The variables that are present: an empty one counts as absent. */
function textsIn(environment: NodeJS.ProcessEnv): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { name, isSecret } of Object.values<Row>(rows)) {
    const text = isSecret ? environment[name] : environment[name]?.trim();
    if (text) texts.set(name, text);
  }
  return texts;
}

function complaintsAbout(row: Row, given: ReadonlyMap<string, string>, embedded: boolean): string[] {
  const { name, parser, requiredWith = [] } = row;
  const text = given.get(name);
  if (text === undefined) {
    const isRequired = requiredWith.length > 0 && requiredWith.every((other) => given.has(other));
    return isRequired ? [`${name} is required with ${requiredWith.join(' and ')} (${parser.expected})`] : [];
  }
  if (parser.parse(text) === undefined) return [`${name} must be ${parser.expected}`];
  const isMisplaced = row.isEmbeddedOnly && !embedded && text !== row.default;
  return isMisplaced ? [`${name} must be ${row.default} with ${rows.databaseUrl.name}`] : [];
}
