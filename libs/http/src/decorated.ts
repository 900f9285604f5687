// What plain decorators of class-validator say of an instance, without loading the package where nobody uses one.
import type { Type } from '@nestjs/common';
import type { MetadataStorage, ValidationError } from 'class-validator';

const decorated = new WeakMap<object, boolean>();

/** Asked for each row of an import: a class without decorators costs one look. */
export function errorsByDecorators(type: Type<object>, instance: object): ValidationError[] {
  if (!isDecorated(type)) return [];
  // Loaded already by whoever has decorated the class.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it in every process
  const { validateSync } = require('class-validator') as typeof import('class-validator');
  return validateSync(instance, { forbidUnknownValues: false });
}

function isDecorated(type: Type<object>): boolean {
  const known = decorated.get(type);
  if (known !== undefined) return known;
  // Where the package keeps what was said of classes, from when it is loaded.
  const { classValidatorMetadataStorage: storage } = globalThis as { classValidatorMetadataStorage?: MetadataStorage };
  const found = (storage?.getTargetValidationMetadatas(type, '', false, false) ?? []).length > 0;
  decorated.set(type, found);
  return found;
}
