import { isDeepStrictEqual } from 'node:util';
import { type Cache, Caches } from '@app/caching';
import { Database } from '@app/database';
import {
  Answer,
  defineProblem,
  notAllowed,
  Pages,
  type Page,
  type Precondition,
  type Principal,
  type Refusal,
  refuseBody,
} from '@app/http';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { UsersService } from '../users/users.service';
import { Item } from './item.entity';
import { type Attributes, type ItemChanges, type ItemContent, ItemView, type NewItem, toItemView } from './items.dto';
import { orderOf } from './items.filter';
import { ItemPage, type ItemsFound, type ListedItem, type ListItemsQuery } from './items.query.dto';
import { ItemsRepository, type ItemValues } from './items.repository';
import { faultsBetween } from './items.rules';

export const itemNotFound: Refusal = defineProblem({
  status: 404,
  code: 'item_not_found',
  title: 'There is no such item',
});
export const skuTaken: Refusal = defineProblem({
  status: 409,
  code: 'sku_taken',
  title: 'Another item has this SKU',
  constraint: 'items_sku_key',
  pointer: '/sku',
});

@Injectable()
export class ItemsService {
  private readonly byId: Cache<ItemView>;
  private readonly bySku: Cache<ItemView>;
  private readonly lists: Cache<Page<Partial<ListedItem>>>;

  constructor(
    private readonly database: Database,
    private readonly rows: ItemsRepository,
    private readonly pages: Pages,
    private readonly users: UsersService,
    caches: Caches,
  ) {
    const load = async (ids: readonly string[]) => viewsBy('id', await this.rows.findMany(ids));
    this.byId = caches.open('items', { rowsOf: Item, ttl: '1h', view: ItemView, load });
    const loadBySku = async (skus: readonly string[]) => viewsBy('sku', await this.rows.findManyBySku(skus));
    this.bySku = caches.open('items.by_sku', { rowsOf: Item, by: 'sku', ttl: '1h', view: ItemView, load: loadBySku });
    this.lists = caches.open('items.lists', { tableOf: Item, ttl: '5m', view: ItemPage });
  }

  async list(query: ListItemsQuery): Promise<Page<Partial<ListedItem>>> {
    return (await this.lists.get(query, () => this.read(query))) as Page<Partial<ListedItem>>;
  }

  async get(id: string): Promise<ItemView> {
    return (await this.byId.get(id)) ?? itemNotFound(`No item has the id ${id}.`);
  }

  async getBySku(sku: string): Promise<ItemView> {
    return (await this.bySku.get(sku)) ?? itemNotFound('No item has this SKU.');
  }

  async getMany(ids: readonly string[]): Promise<ItemsFound> {
    const found = await this.byId.getMany(ids);
    return { data: ids.flatMap((id) => found.get(id) ?? []), missing: ids.filter((id) => !found.has(id)) };
  }

  private async read(query: ListItemsQuery): Promise<Page<Partial<ListedItem>>> {
    const { limit, cursor, fields, include, count, sort, ...filter } = query;
    const columns = fields && include ? [...fields, 'ownerId' as const] : fields;
    const page = await this.pages.read(
      { limit, cursor },
      { items: filter, sort },
      (window) => this.rows.page(filter, orderOf(query), window, columns),
      (row) => row,
    );
    if (count !== 'none')
      page.page.count = {
        kind: count,
        value: await (count === 'exact' ? this.rows.count(filter) : this.rows.estimate(filter)),
      };
    const owners = include && (await this.users.profiles(page.data.map(({ ownerId }) => ownerId)));
    const view = (row: Item): Partial<ListedItem> => ({
      ...toItemView(row, fields),
      ...(owners && { owner: owners.get(row.ownerId) ?? null }),
    });
    return { ...page, data: page.data.map(view) };
  }

  async create(caller: Principal, item: NewItem): Promise<ItemView> {
    verifyItem(item);
    return toItemView((await this.rows.insert(uuidv7(), caller.id, item)) as Item);
  }

  update(caller: Principal, id: string, changes: ItemChanges, precondition: Precondition): Promise<ItemView> {
    return this.database.transaction(async () => {
      const current = (await this.rows.lock(id)) ?? itemNotFound(`No item has the id ${id}.`);
      return this.change(caller, current, mergePatch(current, changes), precondition);
    });
  }

  /** 201 if the SKU was free, else 200. */
  upsert(caller: Principal, sku: string, content: ItemContent, precondition: Precondition): Promise<Answer<ItemView>> {
    const values = { ...content, sku };
    return this.database.transaction(async () => {
      verifyItem(values);
      const known = await this.rows.lockBySku(sku);
      if (!known) precondition.verify(known);
      const created = known ? undefined : await this.rows.insert(uuidv7(), caller.id, values, 'skip');
      if (created) return new Answer(201, toItemView(created));
      const current =
        known ?? (await this.rows.lockBySku(sku)) ?? skuTaken('The item with this SKU is just being changed.');
      return new Answer(200, await this.change(caller, current, values, precondition));
    });
  }

  remove(caller: Principal, id: string, precondition: Precondition): Promise<void> {
    return this.database.transaction(async () => {
      const current = (await this.rows.lock(id)) ?? itemNotFound(`No item has the id ${id}.`);
      verifyOwner(caller, current);
      precondition.verify(current);
      await this.rows.remove(id);
    });
  }

  private async change(
    caller: Principal,
    current: Item,
    values: ItemValues,
    precondition: Precondition,
  ): Promise<ItemView> {
    verifyOwner(caller, current);
    precondition.verify(current);
    verifyItem(values);
    const next = { ...current, ...values };
    // A write that says what is stored already is none: version and time stay.
    return toItemView(isDeepStrictEqual(next, current) ? current : await this.rows.update(current.id, next));
  }
}

const viewsBy = (column: 'id' | 'sku', rows: readonly Item[]): Map<string, ItemView> =>
  new Map(rows.map((row) => [row[column], toItemView(row)]));

function verifyOwner(caller: Principal, { ownerId }: Item): void {
  if (!caller.isAdmin && caller.id !== ownerId) notAllowed('Only the owner or an administrator may change this item.');
}

function verifyItem(values: ItemValues): void {
  const errors = faultsBetween(values).map(({ at, ...one }) => ({ ...one, pointer: at }));
  if (errors.length > 0) refuseBody(errors);
}

/** RFC 7396. */
function mergePatch(current: Item, { attributes, ...changes }: ItemChanges): ItemValues {
  const merged: Attributes = { ...current.attributes, ...attributes };
  for (const [key, value] of Object.entries(attributes ?? {})) if (value === null) delete merged[key];
  return { ...current, ...changes, attributes: merged };
}
