import { isDeepStrictEqual } from 'node:util';
import { Precondition, type Principal } from '@app/http';
import { v7 as uuidv7 } from 'uuid';
import type { Item, ItemValues } from './item.entity';
import { expected } from './items.batch.alone';
import type { ItemOperation } from './items.batch.dto';
import { merged } from './items.merge';
import { itemNotFound, verifyItem, verifyOwner } from './items.service';

/** What an operation comes to; `keep`: the item is so already; `alone`: it may meet an item that the batch does not name. */
export type Plan =
  | { readonly step: 'insert'; readonly id: string; readonly values: ItemValues }
  | { readonly step: 'update'; readonly id: string; readonly values: ItemValues; readonly current: Item }
  | { readonly step: 'remove'; readonly id: string }
  | { readonly step: 'keep'; readonly current: Item }
  | { readonly step: 'alone' };

/** The items that a batch names, as its operations so far have left them. */
export class KnownItems {
  private readonly byId = new Map<string, Item>();
  private readonly bySku = new Map<string, Item>();

  constructor(items: readonly Item[]) {
    for (const one of items) this.learn(one);
  }

  learn(item: Item): void {
    this.forget(item.id);
    this.byId.set(item.id, item);
    this.bySku.set(item.sku, item);
  }

  forget(id: string): void {
    const item = this.byId.get(id);
    this.byId.delete(id);
    if (item) this.bySku.delete(item.sku);
  }

  of(one: ItemOperation): Item | undefined {
    if (one.op === 'create') return undefined;
    return one.op === 'upsert' ? this.bySku.get(one.sku) : this.byId.get(one.id);
  }

  /** Ids and SKUs: operations that share none of them may be carried out in any order. */
  keysOf(one: ItemOperation): string[] {
    const named = one.op === 'create' ? one.item.sku : one.op === 'upsert' ? one.sku : one.id;
    const item = this.of(one);
    return item ? [named, item.id, item.sku] : [named];
  }
}

/** @throws the problem that the operation alone would be answered with, as far as it can be told without writing */
export function planOf(caller: Principal, one: ItemOperation, current: Item | undefined): Plan {
  switch (one.op) {
    case 'create':
      return insertion(one.item);
    case 'update': {
      const item = current ?? itemNotFound(`No item has the id ${one.id}.`);
      return change(caller, item, merged(item, one.changes), expected(one));
    }
    case 'upsert': {
      const values = { ...one.item, sku: one.sku };
      verifyItem(values);
      return current ? change(caller, current, values, new Precondition()) : insertion(values);
    }
    case 'delete': {
      const item = current ?? itemNotFound(`No item has the id ${one.id}.`);
      verifyOwner(caller, item);
      expected(one).verify(item);
      return { step: 'remove', id: item.id };
    }
  }
}

function insertion(values: ItemValues): Plan {
  verifyItem(values);
  return { step: 'insert', id: uuidv7(), values };
}

function change(caller: Principal, current: Item, values: ItemValues, precondition: Precondition): Plan {
  verifyOwner(caller, current);
  precondition.verify(current);
  verifyItem(values);
  if (values.sku !== current.sku) return { step: 'alone' };
  const isSame = isDeepStrictEqual({ ...current, ...values }, current);
  return isSame ? { step: 'keep', current } : { step: 'update', id: current.id, values, current };
}
