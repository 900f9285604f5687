// Which media types a format may come under: its own, and those that servers give to files that they don't know.
import { BrokenRows } from './broken-rows';

export type RowFormat = 'ndjson' | 'csv' | 'json';

const OWN: Record<RowFormat, RegExp> = {
  ndjson: /^application\/(x-)?(ndjson|jsonl|jsonlines|json-lines|json)$/,
  csv: /^(text|application)\/(x-)?csv$|^application\/vnd\.ms-excel$/,
  json: /^(application|text)\/([\w.-]+\+)?json$/,
};
const UNKNOWN = /^(text\/plain|(application|binary)\/octet-stream)$/;
const UTF8 = /^(utf-?8|us-ascii)$/i;

/** @throws BrokenRows when the header says that the rows are something else; nothing is said by an absent one */
export function expectContentType(format: RowFormat, header: string | undefined): void {
  if (header === undefined) return;
  const type = header.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const charset = /;\s*charset\s*=\s*"?([^\s";]*)/i.exec(header)?.[1];
  if (!OWN[format].test(type) && !UNKNOWN.test(type))
    throw new BrokenRows('wrong_content_type', `It is ${shown(type)}, and ${format} was expected.`);
  if (charset !== undefined && !UTF8.test(charset))
    throw new BrokenRows('wrong_content_type', `It is written in ${shown(charset)}, and UTF-8 was expected.`);
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 64));
