import { Caller, notAllowed, Operation, preconditionFailed, type Principal } from '@app/http';
import { Body, Controller, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ItemsBatch } from './items.batch';
import { ItemBatch, ItemBatchOutcome, MAX_OPERATIONS } from './items.batch.dto';
import { itemNotFound, skuTaken } from './items.service';

const MAX_MEBIBYTES = 2;

@ApiTags('items')
@Controller('v1/items/batch')
export class ItemsBatchController {
  constructor(private readonly batch: ItemsBatch) {}

  @Post()
  @Operation({
    summary: `Create, change and delete up to ${MAX_OPERATIONS} items`,
    description:
      `The body may have ${MAX_MEBIBYTES} MiB. All operations are carried out in one transaction, in order. ` +
      'With `atomic: true` the first that fails undoes them all and its problem is the answer, with the place of the ' +
      'operation as `operation`; otherwise it is undone alone, and its result carries the problem.',
    demands: 'login',
    answers: ItemBatchOutcome,
    maxBodyBytes: MAX_MEBIBYTES * 1024 * 1024,
    isIdempotent: true,
    refuses: [notAllowed, itemNotFound, skuTaken, preconditionFailed],
  })
  changeItems(@Caller() caller: Principal, @Body() batch: ItemBatch): Promise<ItemBatchOutcome> {
    return this.batch.run(caller, batch);
  }
}
