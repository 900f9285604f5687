// Rules for values made of values: lists, flat objects, alternatives.
import { type Fault, fault, GOOD, type Rule, wrongType } from './rules';

/** More would only make the answer long. */
const MAX_FAULTS = 100;

export interface ListOptions {
  min?: number;
  max: number;
  /** Equal elements after the first are dropped. */
  dedupe?: boolean;
  /** In a query: one parameter whose values are separated by commas, instead of the parameter repeated. */
  commas?: boolean;
}

export function listOf(element: Rule, { min = 0, max, dedupe = false, commas = false }: ListOptions): Rule {
  const schema = {
    type: 'array',
    items: element.schema,
    ...(min > 0 && { minItems: min }),
    maxItems: max,
    ...(commas && { 'x-commas': true }),
  };
  return {
    schema,
    fromQuery(value) {
      const parts = typeof value !== 'string' ? value : commas ? value.split(',') : [value];
      return Array.isArray(parts) ? parts.map((part) => element.fromQuery(part)) : parts;
    },
    faults(value) {
      if (!Array.isArray(value)) return wrongType(value, 'a list');
      if (value.length < min) return fault('too_few', `must have at least ${min} element${min === 1 ? '' : 's'}`);
      if (value.length > max) return fault('too_many', `must have at most ${max} elements`);
      return faultsOfParts(value.entries(), (part) => element.faults(part));
    },
    normalize(value) {
      if (!Array.isArray(value)) return value;
      const parts = value.map((part) => element.normalize(part));
      return dedupe ? [...new Set(parts)] : parts;
    },
  };
}

/** An object whose keys are free: each key is text of a rule, each value of another. */
export function mapOf(key: Rule, value: Rule, { maxKeys }: { maxKeys: number }): Rule {
  return {
    schema: {
      type: 'object',
      additionalProperties: value.schema,
      // The parser refuses it wherever it stands.
      propertyNames: { ...key.schema, not: { const: '__proto__' } },
      maxProperties: maxKeys,
    },
    fromQuery: (given) => given,
    normalize(given) {
      const map = given as Record<string, unknown>;
      for (const name of Object.keys(map)) map[name] = value.normalize(map[name]);
      return map;
    },
    faults(given) {
      if (typeof given !== 'object' || given === null || Array.isArray(given)) return wrongType(given, 'an object');
      const entries = Object.entries(given);
      if (entries.length > maxKeys) return fault('too_many', `must have at most ${maxKeys} keys`);
      return faultsOfParts(entries, (part, name) => [...key.faults(name), ...value.faults(part)]);
    },
  };
}

/** A value that is good for one of the rules. */
export function anyOf(rules: readonly Rule[], expected: string): Rule {
  return {
    schema: { anyOf: rules.map(({ schema }) => schema) },
    fromQuery: (value) => value,
    normalize: (value) => (rules.find((rule) => rule.faults(value).length === 0) as Rule).normalize(value),
    faults(value) {
      if (rules.some((rule) => rule.faults(value).length === 0)) return GOOD;
      // Of the right type, and yet not good for it: that says more.
      const outOfRange = rules.map((rule) => rule.faults(value)).find(([first]) => first?.code === 'out_of_range');
      return outOfRange ?? wrongType(value, expected);
    },
  };
}

function faultsOfParts<Name extends string | number>(
  parts: Iterable<[Name, unknown]>,
  check: (part: unknown, name: Name) => Fault[],
): Fault[] {
  const all: Fault[] = [];
  for (const [name, part] of parts) {
    for (const one of check(part, name)) all.push({ ...one, at: `/${pointerToken(String(name))}${one.at ?? ''}` });
    if (all.length >= MAX_FAULTS) break;
  }
  return all;
}

/** A part of a JSON Pointer (RFC 6901, section 3). */
export const pointerToken = (part: string): string => part.replaceAll('~', '~0').replaceAll('/', '~1');
