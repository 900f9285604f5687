import { download, Gate } from '@app/http';
import { Injectable, type StreamableFile } from '@nestjs/common';
import { CSV_HEADER, toCsv } from './items.csv';
import { type ItemView, toItemView } from './items.dto';
import type { ItemsFormat } from './items.import';
import type { ExportItemsQuery, ItemFilter } from './items.query.dto';
import { ItemsRepository } from './items.repository';

export const MEDIA_TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv' } as const;
const PART_ROWS = 256;

const toNdjson = (item: ItemView): string => `${JSON.stringify(item)}\n`;

@Injectable()
export class ItemsExport {
  private readonly gate = new Gate('exports', 2, 0);

  constructor(private readonly rows: ItemsRepository) {}

  /** @param accepted media types, the best first; they decide if the query does not */
  send({ format, ...filter }: ExportItemsQuery, accepted: readonly string[]): Promise<StreamableFile> {
    const chosen = format ?? (accepted[0] === MEDIA_TYPES.csv ? 'csv' : 'ndjson');
    const type = `${MEDIA_TYPES[chosen]}; charset=utf-8`;
    return download(this.parts(filter, chosen), { type, fileName: `items.${chosen}` });
  }

  /** All items that the filter lets through, oldest first, as parts of a file; whoever stops early must `return()` it. */
  async *parts(filter: ItemFilter, format: ItemsFormat): AsyncGenerator<string> {
    const leave = await this.gate.enter();
    try {
      const [header, line] = format === 'csv' ? [CSV_HEADER, toCsv] : ['', toNdjson];
      let part = header;
      let rows = 0;
      for await (const row of this.rows.stream(filter)) {
        part += line(toItemView(row));
        if (++rows % PART_ROWS > 0) continue;
        yield part;
        part = '';
      }
      if (part !== '') yield part;
    } finally {
      leave();
    }
  }
}
