// Chooses what a reader asks for next.
import type { Account, Catalogue, Item } from './catalogue';
import { accountPlan, itemPlan, namePlan, namesPlan, pagePlan, type Plan, profilePlan, stampOf } from './plans';
import type { Random } from './random';
import type { Slot } from './slots';

export type ReadKind =
  | ('item' | 'hottest' | 'token' | 'conditional' | 'head' | 'cold' | 'sku')
  | ('slot' | 'slots' | 'batch' | 'list' | 'profile' | 'account');

/** One body in so many is looked into: what its entity tag says must be so. */
const BODY_READ_IN = 16;

export class Reads {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly slots: readonly Slot[],
    private readonly random: Random,
    private readonly authorization: (account: Account) => string,
  ) {}

  plan(kind: ReadKind): Plan {
    const { random, catalogue, slots } = this;
    switch (kind) {
      case 'item':
        return itemPlan(this.someItem(), { readsBody: random.below(BODY_READ_IN) === 0 });
      case 'hottest':
        return itemPlan(random.pick(catalogue.hottest));
      case 'cold':
        return itemPlan(random.pick(catalogue.cold));
      case 'token': {
        const item = this.someItem();
        return itemPlan(item, stampOf(item));
      }
      case 'conditional':
        return this.conditional(this.someItem());
      case 'head': {
        const plan = itemPlan(this.someItem());
        return { ...plan, request: { ...plan.request, method: 'HEAD' } };
      }
      case 'sku': {
        const item = this.someItem();
        return itemPlan(item, { path: `/v1/items/by-sku/${item.sku}`, ...(random.chance(0.2) && stampOf(item)) });
      }
      case 'slot': {
        const slot = random.pick(slots);
        return random.chance(0.4) ? itemPlan(random.pick(slot.tenants)) : namePlan(slot, random.pick(slot.names));
      }
      case 'slots':
        return namesPlan(random.some(4, slots));
      case 'batch': {
        const items = [...random.some(5, catalogue.items), random.pick(catalogue.held)];
        return pagePlan(items, `/v1/items/batch?ids=${items.map(({ id }) => id).join(',')}`);
      }
      case 'list': {
        const items = random.some(5, catalogue.items);
        const path = `/v1/items?${items.map(({ sku }) => `sku=${sku}`).join('&')}&limit=20&include=owner`;
        return pagePlan(items, path, random.chance(0.3) ? items[0] : undefined);
      }
      case 'profile':
        return profilePlan(random.pick(catalogue.owners));
      case 'account': {
        const account = random.pick(catalogue.accounts);
        return accountPlan(account, this.authorization(account));
      }
    }
  }

  /** With the entity tag of the newest version that was acknowledged, or of the one before. */
  private conditional(item: Item): Plan {
    const presented = Math.max(1, item.version.rank - (this.random.chance(0.3) ? 1 : 0));
    return itemPlan(item, { presented, headers: { 'If-None-Match': `"${item.id}.${presented}"` } });
  }

  private someItem(): Item {
    const { items, held } = this.catalogue;
    return this.random.pick(this.random.chance(0.05) ? held : items);
  }
}
