import { PublicCache } from '@app/caching';
import {
  Answer,
  Caller,
  IfMatch,
  notAllowed,
  Operation,
  PathId,
  PathParameter,
  type Precondition,
  type Principal,
  text,
} from '@app/http';
import { Body, Controller, Delete, Get, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DEMO_ITEM } from './items.demo';
import { ItemChanges, ItemContent, ItemView, NewItem } from './items.dto';
import { ItemsLists } from './items.lists';
import { ItemIds, ItemPage, ItemsFound, ListItemsQuery } from './items.query.dto';
import { itemNotFound, ItemsService, skuTaken } from './items.service';

/** An item that may be old is better than none; the answer says that it may be. */
const UNPROMISED = { staleIfError: '5m' } as const;

const PathSku = (): ParameterDecorator => PathParameter('sku', text({ min: 1, max: 64 }), DEMO_ITEM.sku);

@ApiTags('items')
@Controller('v1/items')
export class ItemsController {
  constructor(
    private readonly items: ItemsService,
    private readonly lists: ItemsLists,
  ) {}

  @Get()
  @PublicCache(UNPROMISED)
  @Operation({ summary: 'List, filter and search items', answers: ItemPage, isPublic: true })
  listItems(@Query() query: ListItemsQuery): Promise<ItemPage> {
    return this.lists.list(query);
  }

  @Get('batch')
  @PublicCache(UNPROMISED)
  @Operation({ summary: 'Read up to 100 items', answers: ItemsFound, isPublic: true })
  getItems(@Query() { ids }: ItemIds): Promise<ItemsFound> {
    return this.items.getMany(ids);
  }

  @Get('by-sku/:sku')
  @PublicCache({ ...UNPROMISED, row: 'items.by_sku' })
  @Operation({
    summary: 'Read an item by its SKU',
    answers: ItemView,
    isPublic: true,
    isVersioned: true,
    refuses: [itemNotFound],
  })
  getItemBySku(@PathSku() sku: string): Promise<ItemView> {
    return this.items.getBySku(sku);
  }

  @Get(':id')
  @PublicCache({ ...UNPROMISED, row: 'items' })
  @Operation({ summary: 'Read an item', answers: ItemView, isPublic: true, isVersioned: true, refuses: [itemNotFound] })
  getItem(@PathId(DEMO_ITEM.id) id: string): Promise<ItemView> {
    return this.items.get(id);
  }

  @Post()
  @Operation({
    summary: 'Create an item',
    demands: 'login',
    answers: ItemView,
    status: 201,
    isVersioned: true,
    location: '/v1/items/{id}',
    isIdempotent: true,
    refuses: [skuTaken],
  })
  createItem(@Caller() caller: Principal, @Body() item: NewItem): Promise<ItemView> {
    return this.items.create(caller, item);
  }

  @Patch(':id')
  @Operation({
    summary: 'Change an item',
    description: 'A merge patch (RFC 7396): null clears a field, and removes an attribute.',
    demands: 'login',
    consumes: ['application/merge-patch+json', 'application/json'],
    answers: ItemView,
    isVersioned: true,
    isConditional: true,
    refuses: [notAllowed, itemNotFound, skuTaken],
  })
  updateItem(
    @Caller() caller: Principal,
    @PathId(DEMO_ITEM.id) id: string,
    @Body() changes: ItemChanges,
    @IfMatch() precondition: Precondition,
  ): Promise<ItemView> {
    return this.items.update(caller, id, changes, precondition);
  }

  @Put('by-sku/:sku')
  @Operation({
    summary: 'Create or replace the item with a SKU',
    demands: 'login',
    answers: ItemView,
    status: 200,
    otherStatus: 201,
    isVersioned: true,
    location: '/v1/items/{id}',
    isConditional: true,
    refuses: [notAllowed, skuTaken],
  })
  putItem(
    @Caller() caller: Principal,
    @PathSku() sku: string,
    @Body() content: ItemContent,
    @IfMatch() precondition: Precondition,
  ): Promise<Answer<ItemView>> {
    return this.items.upsert(caller, sku, content, precondition);
  }

  @Delete(':id')
  @Operation({ summary: 'Delete an item', demands: 'login', isConditional: true, refuses: [notAllowed, itemNotFound] })
  deleteItem(
    @Caller() caller: Principal,
    @PathId(DEMO_ITEM.id) id: string,
    @IfMatch() precondition: Precondition,
  ): Promise<void> {
    return this.items.remove(caller, id, precondition);
  }
}
