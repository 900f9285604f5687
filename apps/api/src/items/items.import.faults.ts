import type { Fault } from '@app/http';
import { type ItemImportReport, MAX_IMPORT_ERRORS } from './items.import.dto';

export const notYours: Fault = {
  code: 'not_allowed',
  detail: 'is the SKU of an item that belongs to somebody else',
  at: '/sku',
};

/** Characters: a line may be one long name. */
const MAX_POINTER = 1_000;

/** Counts a line as rejected, and says why while there is room. */
export function reject(report: ItemImportReport, line: number, faults: readonly Fault[]): void {
  report.rejected++;
  for (const { at, ...fault } of faults)
    if (report.errors.length < MAX_IMPORT_ERRORS)
      report.errors.push({ line, ...fault, ...(at && { pointer: storable(at.slice(0, MAX_POINTER)) }) });
}

/**
 * A pointer is made of the keys that a line has, whatever they are, and is kept with what became of the line: as a copy, since V8
 * makes a part of a text keep all of it.
 */
const storable = (pointer: string): string => Buffer.from(pointer).toString().replaceAll('\0', '\ufffd');
