// What a request asks, in one spelling: defaults filled in, order and letter case without meaning.
import { operationNamed, pathParameterOf, readQuery } from '@app/http';
import type { Type } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { keyOf } from './keys';

/** Equal for two requests exactly if they ask the same; undefined when something is wrong with the request. */
export function questionOf(operationId: string, request: FastifyRequest): string | undefined {
  const path: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(request.params as Record<string, string>)) {
    const { rule } = pathParameterOf(operationId, name) ?? {};
    if (!rule || rule.faults(value).length > 0) return undefined;
    path[name] = rule.normalize(value);
  }
  const type: Type<object> | undefined = operationNamed(operationId)?.query;
  if (!type) return `${operationId} ${keyOf(path)}`;
  const { instance, faults } = readQuery(type, (request.query ?? {}) as Record<string, unknown>);
  return faults.length === 0 ? `${operationId} ${keyOf(path)} ${keyOf(instance)}` : undefined;
}
