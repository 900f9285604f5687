import { Module } from '@nestjs/common';
import { UsersModule } from '../users/users.module';
import { DemoItems } from './items.demo.service';
import { ItemsController } from './items.controller';
import { ItemsRepository } from './items.repository';
import { ItemsService } from './items.service';

@Module({
  imports: [UsersModule],
  controllers: [ItemsController],
  providers: [DemoItems, ItemsRepository, ItemsService],
  exports: [ItemsService],
})
export class ItemsModule {}
