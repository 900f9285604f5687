import { type CsvColumns, fieldsOf, readJson } from '@app/http';
import { ITEM_FIELDS, type ItemView, NewItem } from './items.dto';

/** Text that is no JSON stays text, which neither tags nor attributes may be. */
function asJson(cell: string): unknown {
  const read = readJson(cell);
  return 'value' in read ? read.value : cell;
}

const asTags = (cell: string): unknown =>
  cell.startsWith('[') ? asJson(cell) : cell.split('|').map((tag) => tag.trim());

const READERS: Partial<Record<string, (cell: string) => unknown>> = { tags: asTags, attributes: asJson };

/** What the cells of an import stand for. The columns that an export has beyond a new item's are known too. */
export const ITEM_COLUMNS: CsvColumns = Object.fromEntries(
  ITEM_FIELDS.map((name) => {
    const field = fieldsOf(NewItem).get(name);
    const read = READERS[name] ?? ((cell) => field?.fromQuery(cell));
    return [name, { isRequired: field?.isRequired ?? false, read }];
  }),
);

export const CSV_HEADER = `${ITEM_FIELDS.join(',')}\r\n`;

export const toCsv = (item: ItemView): string => `${ITEM_FIELDS.map((name) => cellOf(item[name])).join(',')}\r\n`;

/** RFC 4180. Null is an empty cell, and empty text a quoted one. */
function cellOf(value: ItemView[keyof ItemView]): string {
  if (value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
