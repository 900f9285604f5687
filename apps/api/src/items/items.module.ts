import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module';
import { ItemsBatch } from './items.batch';
import { ItemsBatchController } from './items.batch.controller';
import { DemoItems } from './items.demo.service';
import { ItemsController } from './items.controller';
import { ItemsRepository } from './items.repository';
import { ItemsService } from './items.service';

@Module({
  imports: [UsersModule],
  controllers: [ItemsController, ItemsBatchController],
  providers: [DemoItems, ItemsBatch, ItemsRepository, ItemsService],
  exports: [ItemsService],
})
export class ItemsModule {}
