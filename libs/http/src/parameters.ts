// Handler parameters that come from the path and the headers, checked and named when they are wrong.
import { createParamDecorator, type ExecutionContext, Param, type PipeTransform } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Precondition } from './etag';
import { refuseParameters } from './problems';
import { identifier, type Rule } from './rules';

/** A path parameter that follows a rule; refused with 400 by name. */
export const PathParameter = (name: string, rule: Rule): ParameterDecorator => {
  const pipe: PipeTransform = {
    transform(value: unknown) {
      const faults = rule.faults(value);
      if (faults.length > 0) refuseParameters(faults.map((one) => ({ ...one, parameter: name })));
      return rule.normalize(value);
    },
  };
  return Param(name, pipe);
};

/** The `{id}` of the path, a UUID in lower case. */
export const PathId = (): ParameterDecorator => PathParameter('id', identifier());

/** The caller's `If-Match`. */
export const IfMatch = createParamDecorator(
  (_: unknown, context: ExecutionContext) =>
    new Precondition(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
);
