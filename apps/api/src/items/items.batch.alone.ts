import { Database } from '@app/database';
import { Answer, etagOf, Precondition, type Principal, Problem, type ProblemDocument, problemOf } from '@app/http';
import { Injectable } from '@nestjs/common';
import type { ItemOperation, ItemResult } from './items.batch.dto';
import { ItemsService } from './items.service';

/** The member of an operation that the pointers of its problems start from. */
const CONTENT = { create: '/item', update: '/changes', upsert: '/item', delete: '' } as const;

/** Carries out one operation of a batch as if it had come alone. */
@Injectable()
export class ItemsOneByOne {
  constructor(
    private readonly database: Database,
    private readonly items: ItemsService,
  ) {}

  /** @throws the problem, which ends the batch */
  async orRefuse(caller: Principal, one: ItemOperation, index: number): Promise<ItemResult> {
    try {
      return await this.carryOut(caller, one);
    } catch (error) {
      throw problemAt(index, one, error);
    }
  }

  /** Whatever fails is undone alone. */
  async orUndo(caller: Principal, one: ItemOperation, index: number): Promise<ItemResult> {
    try {
      return await this.database.savepoint(() => this.carryOut(caller, one));
    } catch (error) {
      return refusal(one, problemAt(index, one, error));
    }
  }

  private async carryOut(caller: Principal, one: ItemOperation): Promise<ItemResult> {
    switch (one.op) {
      case 'create':
        return { op: one.op, status: 201, item: await this.items.create(caller, one.item) };
      case 'update':
        return { op: one.op, status: 200, item: await this.items.update(caller, one.id, one.changes, expected(one)) };
      case 'upsert': {
        const { status, body }: Answer<ItemResult['item']> = await this.items.upsert(
          caller,
          one.sku,
          one.item,
          new Precondition(),
        );
        return { op: one.op, status, item: body };
      }
      case 'delete':
        await this.items.remove(caller, one.id, expected(one));
        return { op: one.op, status: 204, item: null };
    }
  }
}

export const expected = ({ id, ifVersion }: { id: string; ifVersion?: number }): Precondition =>
  new Precondition(ifVersion === undefined ? undefined : etagOf({ id, version: ifVersion }));

/** The problem of one operation, told in terms of the whole body. A failure of the service itself is passed on: it ends the batch. */
export function problemAt(index: number, { op }: ItemOperation, error: unknown): Problem {
  const { definition, detail, extra } = problemOf(error);
  if (definition.status >= 500) throw error;
  const errors = extra.errors?.map((one) => ({
    ...one,
    pointer: `/operations/${index}${CONTENT[op]}${one.pointer ?? ''}`,
  }));
  return new Problem(definition, detail, { errors, cause: error, members: { operation: index } });
}

export function refusal({ op }: ItemOperation, problem: Problem): ItemResult {
  return { op, status: problem.definition.status, problem: problem.toDocument() as unknown as ProblemDocument };
}
