import { download, Gate } from '@app/http';
import { Injectable, type StreamableFile } from '@nestjs/common';
import { CSV_HEADER, toCsv } from './items.csv';
import type { ItemView } from './items.dto';
import { ItemsExportRepository } from './items.export.repository';
import type { ItemsFormat } from './items.import';
import type { ExportItemsQuery, ItemFilter } from './items.query.dto';

export const MEDIA_TYPES = { ndjson: 'application/x-ndjson', csv: 'text/csv' } as const;
const PART_ROWS = 256;

const LINES = {
  ndjson: (json: string): string => `${json}\n`,
  csv: (json: string): string => toCsv(JSON.parse(json) as ItemView),
};

@Injectable()
export class ItemsExport {
  private readonly gate = new Gate('exports', 2, 0);

  constructor(private readonly rows: ItemsExportRepository) {}

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
      const line = LINES[format];
      let part = format === 'csv' ? CSV_HEADER : '';
      let rows = 0;
      for await (const { json } of this.rows.stream(filter)) {
        part += line(json);
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
