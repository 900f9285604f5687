import { Module } from '@nestjs/common';
import { ItemsImportRepository } from './items.import.repository';
import { ItemsIntake } from './items.intake.service';

/** How items come in by the thousand, and no more: a worker needs neither their routes nor their caches. */
@Module({
  providers: [ItemsImportRepository, ItemsIntake],
  exports: [ItemsImportRepository, ItemsIntake],
})
export class ItemsIntakeModule {}
