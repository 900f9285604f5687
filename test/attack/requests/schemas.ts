// Holds values against schemas of the document.
import type { OpenApiDocument } from '@app/http';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { Schema } from './operations';

export class Schemas {
  private readonly ajv = new Ajv2020({ strict: false, logger: false });
  private readonly validators = new Map<Schema, ValidateFunction>();

  constructor({ components }: OpenApiDocument) {
    addFormats(this.ajv);
    this.ajv.addSchema({ $id: 'document', components });
  }

  allows(schema: Schema, value: unknown): boolean {
    const known = this.validators.get(schema);
    if (known) return known(value);
    const rooted = JSON.stringify(schema).replaceAll('"#/components', '"document#/components');
    const validate = this.ajv.compile(JSON.parse(rooted) as object);
    this.validators.set(schema, validate);
    return validate(value);
  }
}
