import { Field, listOf, objectOf, text, wholeNumber } from '@app/http';

export const MAX_IMPORT_ERRORS = 100;

const rows = wholeNumber({ min: 0, max: Number.MAX_SAFE_INTEGER });

export class ItemImportFault {
  @Field(wholeNumber({ min: 1, max: Number.MAX_SAFE_INTEGER }), { description: 'Counted from 1.', example: 17 })
  line!: number;

  @Field(text({ max: 100 }), { description: 'Stable, snake_case.', example: 'out_of_range' })
  code!: string;

  @Field(text({ max: 1_000 }), { example: 'must be a whole number from 0 to 2147483647' })
  detail!: string;

  @Field(text({ max: 10_000 }), {
    optional: true,
    description: 'JSON Pointer to what is wrong in the line (RFC 6901); absent if it is the whole line.',
    example: '/stock',
  })
  pointer?: string;
}

export class ItemImportReport {
  @Field(rows, { description: 'Lines that were read, blank ones left out.' })
  received = 0;

  @Field(rows)
  created = 0;

  @Field(rows)
  updated = 0;

  @Field(rows, { description: 'Items that were as the line says; they keep their version.' })
  unchanged = 0;

  @Field(rows, { description: 'Lines that were left out; the others are in.' })
  rejected = 0;

  @Field(listOf(objectOf(ItemImportFault), { max: MAX_IMPORT_ERRORS }), {
    description: `What is wrong with the rejected lines, at most ${MAX_IMPORT_ERRORS} faults.`,
  })
  errors: ItemImportFault[] = [];
}
