// Handler parameters that come from the path and the headers, checked and named when they are wrong.
import { createParamDecorator, type ExecutionContext, Param, type PipeTransform } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Precondition } from './etag';
import { refuseParameters } from './problems';
import { identifier, type Rule } from './rules';

export interface DescribedParameter {
  readonly rule: Rule;
  readonly example?: string;
}

const described = new Map<string, DescribedParameter>();

/** What a handler said of a parameter in its path. */
export const pathParameterOf = (operationId: string, name: string): DescribedParameter | undefined =>
  described.get(`${operationId}/${name}`);

/** A path parameter that follows a rule; refused with 400 by name. The example should be one that exists. */
export const PathParameter = (name: string, rule: Rule, example?: string): ParameterDecorator => {
  const pipe: PipeTransform = {
    transform(value: unknown) {
      const faults = rule.faults(value);
      if (faults.length > 0) refuseParameters(faults.map((one) => ({ ...one, parameter: name })));
      return rule.normalize(value);
    },
  };
  return (target, handler, index) => {
    described.set(`${String(handler)}/${name}`, { rule, example });
    Param(name, pipe)(target, handler, index);
  };
};

/** The `{id}` of the path, a UUID in lower case. */
export const PathId = (example?: string): ParameterDecorator => PathParameter('id', identifier(), example);

/** The caller's `If-Match` and `If-None-Match`. */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext): Precondition => {
  const { headers } = context.switchToHttp().getRequest<FastifyRequest>();
  return new Precondition(headers['if-match'], headers['if-none-match']);
});
