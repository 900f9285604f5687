import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module';
import { ItemsBatch } from './items.batch';
import { ItemsOneByOne } from './items.batch.alone';
import { ItemsBatchController } from './items.batch.controller';
import { ItemsBatchRepository } from './items.batch.repository';
import { DemoItems } from './items.demo.service';
import { ItemsController } from './items.controller';
import { ItemsExport } from './items.export';
import { ItemsExportRepository } from './items.export.repository';
import { ItemsImport } from './items.import';
import { ItemsIntakeModule } from './items.intake.module';
import { ItemsLists } from './items.lists';
import { ItemsRepository } from './items.repository';
import { ItemsService } from './items.service';
import { ItemsTransferController } from './items.transfer.controller';

@Module({
  imports: [ItemsIntakeModule, UsersModule],
  controllers: [ItemsController, ItemsBatchController, ItemsTransferController],
  providers: [
    DemoItems,
    ItemsBatch,
    ItemsBatchRepository,
    ItemsExport,
    ItemsExportRepository,
    ItemsImport,
    ItemsLists,
    ItemsOneByOne,
    ItemsRepository,
    ItemsService,
  ],
  exports: [ItemsService],
})
export class ItemsModule {}
