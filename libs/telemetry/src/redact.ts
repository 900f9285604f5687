// Makes any value fit for a log line: secrets hidden, errors described, everything plain and bounded.
import { types } from 'node:util';

const hidden = '[redacted]';
const maxDepth = 8;
const maxEntries = 100;
const maxCharacters = 16_384;

/** Compared without case, `-` and `_`. */
const secretName =
  /password|secret|token|credential|authorization|cookie|apikey|privatekey|^(idempotencykey|parameters|rawheaders|databaseurl|redisurl|smtpurl)$/;

// The bounds keep the search linear: a hostile text may end up in an error message.
const secretTexts: readonly [RegExp, string][] = [
  // Reaches to the last @, for passwords that hold an @ or / themselves.
  [/:\/\/[^\s/@:]{0,256}:\S{0,1024}@/g, `://${hidden}@`],
  [/((?:password|secret|token|api_?key)\w{0,32}=)[^\s"'&;]+/gi, `$1${hidden}`],
  [/\b(bearer )[\w.~+/-]{8,}=*/gi, `$1${hidden}`],
];

/**
 * What may be told of an error. Everything else stays out, since anything may be there: the parameters of a statement
 * (TypeORM), the failing row (`detail` of PostgreSQL), the refused URL (`input` of Node).
 */
const errorFields = [
  ...['code', 'errno', 'syscall', 'address', 'port', 'status'],
  ...['severity', 'schema', 'table', 'column', 'constraint', 'routine', 'query'],
];

/** A plain copy without secrets: no key that names one, no credentials inside texts, no parameters. Never throws. */
export function redact(value: unknown): unknown {
  try {
    return copy(value, 0, new WeakSet());
  } catch {
    return '[unreadable]';
  }
}

export function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

function copy(value: unknown, depth: number, seen: WeakSet<object>): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (seen.has(value)) return '[seen]';
  if (depth === maxDepth) return '[too deep]';
  seen.add(value);
  const next = (inner: unknown) => copy(inner, depth + 1, seen);

  if (isError(value)) return copyError(value, next);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, maxEntries).map(next);
  // Date, and URL with its password.
  const { toJSON } = value as { toJSON?: () => unknown };
  if (typeof toJSON === 'function') return next(toJSON.call(value));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, maxEntries)
      .map(([key, inner]) => [key, isSecret(key) ? hidden : next(inner)]),
  );
}

function copyError(error: Error, next: (inner: unknown) => unknown): object {
  const fields: Record<string, unknown> = { ...error };
  // "invalid input syntax for type integer: "…"": PostgreSQL quotes the parameter in its data exceptions (class 22).
  const isDataException = String(fields['code']).startsWith('22');
  const text = (words: unknown) => (isDataException ? redactText(words).replace(/"[^"]*"/g, '"…"') : redactText(words));
  return {
    type: error.constructor.name,
    message: text(error.message),
    stack: text(error.stack ?? ''),
    ...Object.fromEntries(errorFields.filter((name) => name in fields).map((name) => [name, next(fields[name])])),
    ...(error.cause !== undefined && { cause: next(error.cause) }),
    ...('errors' in error && { errors: next(error.errors) }),
  };
}

function isSecret(key: string): boolean {
  return secretName.test(key.toLowerCase().replace(/[-_]/g, ''));
}

function redactText(words: unknown): string {
  return secretTexts.reduce((text, [pattern, instead]) => text.replace(pattern, instead), cut(String(words)));
}

/** Cut between words, so that no password is left behind without the @ by which it is known. */
function cut(text: string): string {
  return text.length <= maxCharacters ? text : `${text.slice(0, text.lastIndexOf(' ', maxCharacters) + 1)}[cut]`;
}
