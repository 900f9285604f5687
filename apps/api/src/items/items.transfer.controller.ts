import { Accepted, busy, Caller, Operation, type Principal, type Upload, UPLOAD_LIMITS, Uploaded } from '@app/http';
import { Controller, Get, Post, Query, type StreamableFile } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ItemsExport, MEDIA_TYPES } from './items.export';
import { ItemsImport } from './items.import';
import { ItemImportReport } from './items.import.dto';
import { ExportItemsQuery } from './items.query.dto';

@ApiTags('items')
@Controller('v1/items')
export class ItemsTransferController {
  constructor(
    private readonly imports: ItemsImport,
    private readonly exports: ItemsExport,
  ) {}

  @Post('import')
  @Operation({
    summary: 'Create or change items by SKU, from a file',
    description:
      'NDJSON with an item a line, or CSV with a header line (sku, name, description, price, currency, stock, tags, ' +
      'attributes; tags as a JSON array or parted by |, attributes as a JSON object; an empty cell leaves a field out). ' +
      `Up to ${UPLOAD_LIMITS.maxBytes / 1024 / 1024} MiB, unpacked too; \`Content-Encoding: gzip\` is understood. What an item does not say gets its ` +
      'default. A line that is wrong is left out and reported; the others are in. The members of an exported item ' +
      'that the server decides are ignored, so that an export can be imported.',
    demands: 'login',
    limit: 'bulk',
    consumes: Object.values(MEDIA_TYPES),
    answers: ItemImportReport,
    refuses: [busy],
  })
  importItems(@Caller() caller: Principal, @Uploaded() upload: Upload): Promise<ItemImportReport> {
    return this.imports.receive(caller, upload);
  }

  @Get('export')
  @Operation({
    summary: 'Read all matching items, as a file',
    description:
      'Oldest first. If it ends with a broken connection instead of the end of the body, it is not complete.',
    limit: 'bulk',
    answers: 'stream',
    produces: Object.values(MEDIA_TYPES),
    refuses: [busy],
  })
  exportItems(@Query() query: ExportItemsQuery, @Accepted() accepted: string[]): Promise<StreamableFile> {
    return this.exports.send(query, accepted);
  }
}
