// The effective configuration as text for an operator's screen, without anything that opens a door.
import type { Row, Value } from './row';
import { fallbackOf, rows, type Config } from './variables';

/**
 * One aligned line for each variable, in the form of a `.env` file. Secrets are `(hidden)`, passwords inside URLs `***`;
 * a comment tells which values are the default and which variables are not set.
 */
export function describeConfig(config: Config): string {
  const lines = Object.entries<Row>(rows).map(([property, row]) => {
    const value = config[property as keyof typeof rows];
    return { setting: `${row.name}=${textOf(value, row)}`, remark: remarkOn(value, row, config.embedded) };
  });
  const width = Math.max(...lines.map(({ setting }) => setting.length));
  return lines.map(({ setting, remark }) => (remark ? `${setting.padEnd(width)}  # ${remark}` : setting)).join('\n');
}

function textOf(value: Value | undefined, row: Row): string {
  if (value === undefined) return '';
  return row.isSecret ? '(hidden)' : withoutPassword(plainText(value));
}

function remarkOn(value: Value | undefined, row: Row, embedded: boolean): string | undefined {
  if (value === undefined) return 'not set';
  const text = fallbackOf(row, embedded);
  const fallback = text === undefined ? undefined : row.parser.parse(text);
  return fallback !== undefined && plainText(fallback) === plainText(value) ? 'default' : undefined;
}

function plainText(value: Value): string {
  return value === null ? 'off' : String(value);
}

function withoutPassword(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  const parameters = [...url.searchParams.keys()].filter((name) => /pass/i.test(name));
  // Only then: writing a URL anew also changes what a path like C:\x or an origin looks like.
  if (url.password === '' && parameters.length === 0) return text;
  if (url.password !== '') url.password = '***';
  for (const name of parameters) url.searchParams.set(name, '***');
  return url.href;
}
