// Checks what comes in against the class that describes it, and refuses all faults at once by name.
import type { ArgumentMetadata, PipeTransform, Type } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { pointerToken } from './compound-rules';
import { errorsByDecorators } from './decorated';
import { fieldsOf, nameClass, togetherIn } from './fields';
import type { InputError } from './problem';
import { malformedBody, refuseBody, refuseParameters } from './problems';
import { type Fault, type Rule, wrongType } from './rules';

type Input = Record<string, unknown>;

/** As many as a problem names; a hostile body has a hundred thousand. */
const MAX_UNKNOWN = 100;

/** Global pipe: bodies and queries whose parameter type is a class with fields. */
export class InputPipe implements PipeTransform {
  transform(value: unknown, { type, ...parameter }: ArgumentMetadata): unknown {
    const metatype = parameter.metatype as Type<object> | undefined;
    if (metatype === undefined || fieldsOf(metatype).size === 0) return value;
    if (type === 'body') return this.body(value, metatype);
    return type === 'query' ? this.query((value ?? {}) as Input, metatype) : value;
  }

  private body(value: unknown, type: Type<object>): object {
    if (value === undefined || value === null) malformedBody('A JSON body is required.');
    if (typeof value !== 'object' || Array.isArray(value))
      refuseBody([{ code: 'wrong_type', detail: 'must be an object', pointer: '' }]);
    const { instance, faults } = examine(type, value as Input);
    return faults.length === 0
      ? instance
      : refuseBody(faults.map(({ at = '', ...rest }): InputError => ({ ...rest, pointer: at })));
  }

  private query(given: Input, type: Type<object>): object {
    const { instance, faults } = readQuery(type, given);
    if (faults.length === 0) return instance;
    return refuseParameters(
      faults.map(({ at = '', ...rest }): InputError => ({ ...rest, parameter: at.split('/')[1] })),
    );
  }
}

/** A query string's parameters as an instance of the class that describes them. */
export function readQuery<T extends object>(type: Type<T>, given: Input): { instance: T; faults: Fault[] } {
  const fields = fieldsOf(type);
  const parsed = Object.entries(given).map(
    ([name, value]) => [name, fields.get(name)?.fromQuery(value) ?? value] as const,
  );
  return examine(type, Object.fromEntries(parsed));
}

/** Makes an instance of the class from a plain object, with defaults filled in, and says all that is wrong with it. */
export function examine<T extends object>(type: Type<T>, given: Input): { instance: T; faults: Fault[] } {
  const faults = faultsOf(type, given);
  return { instance: faults.length === 0 ? made(type, given) : filled(type, given), faults };
}

/** A field that is an object of a class itself. */
export function objectOf(type: Type<object>): Rule {
  nameClass(type);
  return {
    schema: { $ref: `#/components/schemas/${type.name}` },
    fromQuery: (value) => value,
    normalize: (value) => (isObject(value) ? made(type, value) : value),
    faults: (value) => (isObject(value) ? faultsOf(type, value) : wrongType(value, 'an object')),
  };
}

/** Checks only: whoever checked each part by making it would make, and so check, its parts twice on each level. */
function faultsOf(type: Type<object>, given: Input): Fault[] {
  const fields = fieldsOf(type);
  const instance = filled(type, given);
  const faults: Fault[] = [];
  for (const name of Object.keys(given)) {
    if (faults.length >= MAX_UNKNOWN) break;
    if (!fields.has(name)) faults.push({ code: 'unknown', detail: 'is not known here', at: `/${pointerToken(name)}` });
  }
  for (const [name, field] of fields)
    for (const one of field.faults(instance[name]))
      faults.push({ ...one, at: `/${pointerToken(name)}${one.at ?? ''}` });
  faults.push(...faultsBetween(togetherIn(type), instance));
  for (const error of errorsByDecorators(type, instance)) faults.push(...faultsOfError(error));
  return faults;
}

function faultsBetween(together: readonly string[], instance: Input): Fault[] {
  const missing = together.filter((name) => instance[name] == null);
  if (missing.length === together.length) return [];
  const detail = `is required: ${together.join(' and ')} come together`;
  return missing.map((name) => ({ code: 'required', detail, at: `/${pointerToken(name)}` }));
}

function filled<T extends object>(type: Type<T>, given: Input): T & Input {
  const instance = new type() as T & Input;
  for (const [name, field] of fieldsOf(type)) {
    const value = given[name] === undefined ? field.default : given[name];
    if (value !== undefined) instance[name as keyof T] = value as never;
  }
  return instance;
}

/** Of an object without faults. */
function made<T extends object>(type: Type<T>, given: Input): T {
  const instance = filled(type, given);
  for (const [name, field] of fieldsOf(type))
    if (instance[name] !== undefined) instance[name as keyof T] = field.normalize(instance[name]) as never;
  return instance;
}

const isObject = (value: unknown): value is Input =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Plain class-validator decorators work beside `@Field`; their message begins with the property's name. */
function faultsOfError({ property, constraints = {} }: ValidationError): Fault[] {
  return Object.entries(constraints).map(([code, message]) => ({
    code,
    detail: message.replace(`${property} `, ''),
    at: `/${pointerToken(property)}`,
  }));
}

/** An object of the class that the value of one of its fields chooses. */
export function variantOf(by: string, types: Readonly<Record<string, Type<object>>>): Rule {
  const known = new Map(Object.entries(types));
  const typeOf = (value: unknown) => (isObject(value) ? known.get(value[by] as string) : undefined);
  Object.values(types).forEach((type) => nameClass(type));
  const refs = Object.entries(types).map(([name, type]) => [name, `#/components/schemas/${type.name}`] as const);
  return {
    schema: {
      oneOf: refs.map(([, $ref]) => ({ $ref })),
      discriminator: { propertyName: by, mapping: Object.fromEntries(refs) },
    },
    fromQuery: (value) => value,
    normalize(value) {
      const type = typeOf(value);
      return type ? made(type, value as Input) : value;
    },
    faults(value) {
      if (!isObject(value)) return wrongType(value, 'an object');
      const type = typeOf(value);
      if (type) return faultsOf(type, value);
      return [{ code: 'not_in_list', detail: `must be one of ${Object.keys(types).join(', ')}`, at: `/${by}` }];
    },
  };
}
