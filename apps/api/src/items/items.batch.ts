import { Database, failureOf } from '@app/database';
import type { Principal } from '@app/http';
import { Injectable } from '@nestjs/common';
import type { Item } from './item.entity';
import { ItemsOneByOne, problemAt, refusal } from './items.batch.alone';
import type { ItemBatch, ItemBatchOutcome, ItemOperation, ItemResult } from './items.batch.dto';
import { KnownItems, type Plan, planOf } from './items.batch.plan';
import { ItemsBatchRepository } from './items.batch.repository';
import { type ItemView, toItemView } from './items.dto';

/** An operation, with its place in the batch. */
type Planned = { readonly index: number; readonly one: ItemOperation } & Extract<Plan, { id: string }>;

/** What has become of a batch so far. */
interface Progress {
  readonly caller: Principal;
  readonly atomic: boolean;
  readonly known: KnownItems;
  readonly results: ItemResult[];
  /** Operations of different items, which can be carried out together. */
  wave: Planned[];
  readonly keys: Set<string>;
}

@Injectable()
export class ItemsBatch {
  constructor(
    private readonly database: Database,
    private readonly rows: ItemsBatchRepository,
    private readonly oneByOne: ItemsOneByOne,
  ) {}

  /**
   * Carries all operations out in one transaction; unless `atomic`, those that fail are undone alone. Operations that follow each
   * other and are of different items go together, with a statement for each kind: the outcome is that of one after the other.
   */
  run(caller: Principal, { operations, atomic }: ItemBatch): Promise<ItemBatchOutcome> {
    const ids = operations.flatMap((one) => ('id' in one ? one.id : []));
    const skus = operations.flatMap((one) => ('sku' in one ? one.sku : []));
    return this.database.transaction(async () => {
      const known = new KnownItems(await this.rows.lock(ids, skus));
      const progress: Progress = { caller, atomic, known, results: [], wave: [], keys: new Set() };
      for (const [index, one] of operations.entries()) await this.take(progress, index, one);
      await this.carryOut(progress);
      return { atomic, results: progress.results };
    });
  }

  private async take(progress: Progress, index: number, one: ItemOperation): Promise<void> {
    const { caller, atomic, known, results, keys } = progress;
    const named = known.keysOf(one);
    if (named.some((key) => keys.has(key))) await this.carryOut(progress);
    let plan: Plan;
    try {
      plan = planOf(caller, one, known.of(one));
    } catch (error) {
      // What comes before may fail as well, and is then the first that does.
      if (atomic) await this.carryOut(progress);
      const problem = problemAt(index, one, error);
      if (atomic) throw problem;
      results[index] = refusal(one, problem);
      return;
    }
    if (plan.step === 'keep') results[index] = done(one, plan.current);
    else if (plan.step === 'alone') {
      await this.alone(progress, index, one);
    } else {
      for (const key of named) keys.add(key);
      progress.wave.push({ ...plan, index, one });
    }
  }

  private async carryOut(progress: Progress): Promise<void> {
    const { caller, known, results, wave, keys } = progress;
    if (wave.length === 0) return;
    progress.wave = [];
    keys.clear();
    const written = await this.write(caller, wave);
    const missed = wave.filter(({ id }) => !written.has(id));
    await this.learnOf(missed, known);
    for (const { index, one, id, step } of wave) {
      const item = written.get(id);
      if (item !== undefined) results[index] = done(one, item, step === 'insert' ? 201 : 200);
      if (item === null) known.forget(id);
      else if (item) known.learn(item);
    }
    for (const { index, one, step } of missed)
      if (step === 'insert' && known.of(one)) await this.take(progress, index, one);
      else await this.alone(progress, index, one);
    await this.carryOut(progress);
  }

  /** Items that others have made meanwhile are locked like the rest: in one order for all. */
  private async learnOf(missed: readonly Planned[], known: KnownItems): Promise<void> {
    const skus = missed.flatMap(({ one, step }) => (one.op === 'upsert' && step === 'insert' ? one.sku : []));
    if (skus.length > 0) for (const item of await this.rows.lock([], skus)) known.learn(item);
  }

  /** What violates a constraint has written nothing: one by one it shows which operation does. */
  private async write(caller: Principal, wave: readonly Planned[]): Promise<Map<string, Item | null>> {
    try {
      return await this.database.savepoint(() => this.rows.write(caller.id, wave));
    } catch (error) {
      if (failureOf(error)?.kind === 'violation') return new Map();
      throw error;
    }
  }

  private async alone(progress: Progress, index: number, one: ItemOperation): Promise<void> {
    await this.carryOut(progress);
    const { caller, atomic, known, results } = progress;
    const result = await (atomic
      ? this.oneByOne.orRefuse(caller, one, index)
      : this.oneByOne.orUndo(caller, one, index));
    results[index] = result;
    if (result.item) known.learn(rowOf(result.item));
    else if (result.status === 204 && 'id' in one) known.forget(one.id);
  }
}

function done({ op }: ItemOperation, item: Item | null, status: 200 | 201 = 200): ItemResult {
  return item ? { op, status, item: toItemView(item) } : { op, status: 204, item: null };
}

const rowOf = (item: ItemView): Item =>
  ({ ...item, createdAt: new Date(item.createdAt), updatedAt: new Date(item.updatedAt) }) as Item;
