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
import { ItemsImportRepository } from './items.import.repository';
import { ItemsIntake } from './items.intake.service';
import { ItemsLists } from './items.lists';
import { ItemsRepository } from './items.repository';
import { ItemsService } from './items.service';
import { ItemsTransferController } from './items.transfer.controller';

@Module({
  imports: [UsersModule],
  controllers: [ItemsController, ItemsBatchController, ItemsTransferController],
  providers: [
    DemoItems,
    ItemsBatch,
    ItemsBatchRepository,
    ItemsExport,
    ItemsExportRepository,
    ItemsImport,
    ItemsImportRepository,
    ItemsIntake,
    ItemsLists,
    ItemsOneByOne,
    ItemsRepository,
    ItemsService,
  ],
  exports: [ItemsIntake, ItemsService],
})
export class ItemsModule {}
