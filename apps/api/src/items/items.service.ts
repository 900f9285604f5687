import { isDeepStrictEqual } from 'node:util';
import { type Cache, Caches } from '@app/caching';
import {
  Answer,
  defineProblem,
  notAllowed,
  type Precondition,
  type Principal,
  type Refusal,
  refuseBody,
} from '@app/http';
import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Item, type ItemValues } from './item.entity';
import { type ItemChanges, type ItemContent, ItemView, type NewItem, toItemView } from './items.dto';
import { merged } from './items.merge';
import type { ItemsFound } from './items.query.dto';
import { ItemsRepository } from './items.repository';
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

/** What is absent when it is looked for, and there when it is made, is looked for again: others make and delete it meanwhile. */
const MOST_LOOKS = 5;

@Injectable()
export class ItemsService {
  private readonly byId: Cache<ItemView>;
  private readonly bySku: Cache<ItemView>;

  constructor(
    private readonly rows: ItemsRepository,
    caches: Caches,
  ) {
    const [byId, bySku] = [rows.byId.as((row) => toItemView(row)), rows.bySku.as((row) => toItemView(row))];
    this.byId = caches.open('items', { rowsOf: Item, ttl: '1h', view: ItemView, load: byId });
    this.bySku = caches.open('items.by_sku', { rowsOf: Item, by: 'sku', ttl: '1h', view: ItemView, load: bySku });
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

  async create(caller: Principal, item: NewItem): Promise<ItemView> {
    verifyItem(item);
    return toItemView(await this.rows.insert(uuidv7(), caller.id, item));
  }

  // Writes are one statement each. What that passes by is refused, or is as it should be: whoever holds the item can tell.

  async update(caller: Principal, id: string, changes: ItemChanges, precondition: Precondition): Promise<ItemView> {
    const changed = await this.rows.merge(id, changes, { ...ownedBy(caller), versions: precondition.versionsOf(id) });
    if (changed) return toItemView(changed);
    return this.rows.locked({ id }, async (found) => {
      const current = found ?? itemNotFound(`No item has the id ${id}.`);
      return this.change(caller, current, merged(current, changes), precondition);
    });
  }

  /** 201 if the SKU was free, else 200. */
  async upsert(
    caller: Principal,
    sku: string,
    content: ItemContent,
    precondition: Precondition,
  ): Promise<Answer<ItemView>> {
    const values = { ...content, sku };
    verifyItem(values);
    const id = uuidv7();
    const allowed = { ...ownedBy(caller), versions: precondition.versionsOf(id) };
    const answer = (item: Item): Answer<ItemView> => new Answer(item.id === id ? 201 : 200, toItemView(item));
    const put = precondition.demandsExistence ? undefined : await this.rows.put(id, caller.id, values, allowed);
    if (put) return answer(put);
    for (let look = 0; look < MOST_LOOKS; look++) {
      const done = await this.rows.locked({ sku }, async (found) => {
        if (found) return new Answer(200, await this.change(caller, found, values, precondition));
        precondition.verify(found);
        const anew = await this.rows.put(id, caller.id, values, allowed);
        return anew && answer(anew);
      });
      if (done) return done;
    }
    return skuTaken('The item with this SKU is just being made and deleted, again and again.');
  }

  async remove(caller: Principal, id: string, precondition: Precondition): Promise<void> {
    if (await this.rows.remove(id, { ...ownedBy(caller), versions: precondition.versionsOf(id) })) return;
    await this.rows.locked({ id }, async (found) => {
      const current = found ?? itemNotFound(`No item has the id ${id}.`);
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

export function verifyOwner(caller: Principal, { ownerId }: Item): void {
  if (!caller.isAdmin && caller.id !== ownerId) notAllowed('Only the owner or an administrator may change this item.');
}

/** Of whom a caller may change items: his own, an administrator anybody's. */
const ownedBy = ({ id, isAdmin }: Principal): { ownerId?: string } => (isAdmin ? {} : { ownerId: id });

export function verifyItem(values: ItemValues): void {
  const errors = faultsBetween(values).map(({ at, ...one }) => ({ ...one, pointer: at }));
  if (errors.length > 0) refuseBody(errors);
}
