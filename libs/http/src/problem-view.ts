// The shape of a problem document, for the API document.
import { listOf } from './compound-rules';
import { Field } from './fields';
import { objectOf } from './input';
import { text, wholeNumber } from './rules';

export class InputFault {
  @Field(text({ max: 100 }), { description: 'Stable, snake_case.', example: 'out_of_range' })
  code!: string;

  @Field(text({ max: 1_000 }), { example: 'must be a whole number from 1 to 100' })
  detail!: string;

  @Field(text({ max: 10_000 }), { optional: true, description: 'JSON Pointer into the body (RFC 6901).' })
  pointer?: string;

  @Field(text({ max: 1_000 }), { optional: true, description: 'Name of the query, path or header parameter.' })
  parameter?: string;
}

export class ProblemDocument {
  @Field(text({ max: 200, format: 'uri-reference' }), { description: 'Where this kind of problem is described.' })
  type!: string;

  @Field(text({ max: 200 }), { description: 'The kind of problem, the same for every occurrence.' })
  title!: string;

  @Field(wholeNumber({ min: 400, max: 599 }))
  status!: number;

  @Field(text({ max: 10_000 }), { description: 'What went wrong this time.' })
  detail!: string;

  @Field(text({ max: 128 }), { optional: true, description: 'The request id, as in `X-Request-Id`.' })
  instance?: string;

  @Field(text({ max: 100 }), { description: 'Stable, snake_case; listed at `/docs/problems`.' })
  code!: string;

  @Field(text({ max: 100 }), { optional: true, description: 'The OAuth 2 error code, on `/v1/auth/token` only.' })
  error?: string;

  @Field(wholeNumber({ min: 0, max: 999_999 }), {
    optional: true,
    description: 'Which of several operations of the body failed, counted from 0.',
  })
  operation?: number;

  @Field(listOf(objectOf(InputFault), { max: 1_000 }), {
    optional: true,
    description: 'All that is wrong with the input, at once.',
  })
  errors?: InputFault[];
}
