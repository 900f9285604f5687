// All that writes while the readers read, each kind at its own rate.
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '../support/programs';
import { ApiWriter, versionOf } from './api-writer';
import type { Random } from './random';
import { Slot } from './slots';
import { SqlWriter } from './sql-writer';
import type { World } from './world';

/** How often a second each kind of write is begun; absent: never. */
export interface WriteRates {
  /** PATCH of one item through any instance, and reading it back. */
  readonly api?: number;
  /** SQL over one row, over several, over more than a thousand (which are logged as one), over as many in few statements. */
  readonly single?: number;
  readonly hottest?: number;
  readonly several?: number;
  readonly bulk?: number;
  readonly flood?: number;
  readonly psql?: number;
  /** Transactions that stay open. */
  readonly held?: number;
  readonly owners?: number;
  readonly accounts?: number;
  readonly slots?: number;
}

const HELD_MS = [50, 600] as const;
/** One part more of the held items is left to transactions that stay open for seconds. */
export const HELD_AT_ONCE = 3;
const FLOOD_STATEMENTS = 4;

type Kind = keyof WriteRates;

export class Writers {
  private readonly api: ApiWriter;
  private readonly sessions: SqlWriter[] = [];
  private readonly psql = findProgram('psql');

  constructor(
    private readonly world: World,
    private readonly random: Random,
  ) {
    this.api = new ApiWriter(world, random);
  }

  /** Runs until the world is over. */
  async run(rates: WriteRates): Promise<void> {
    const { items, hottest, cold, held, owners, accounts } = this.world.catalogue;
    const { random } = this;
    const isOver = (): boolean => this.world.isOver;
    const writes: Record<Exclude<Kind, 'held' | 'api'>, (sql: SqlWriter) => Promise<void>> = {
      single: (sql) => sql.bump([random.pick(items)]),
      hottest: (sql) => sql.bump([random.pick(hottest)]),
      several: (sql) => sql.bump(random.some(2 + random.below(15), items)),
      bulk: (sql) => sql.bump([...items, ...cold]),
      flood: (sql) => this.flood(sql),
      psql: (sql) =>
        this.psql === undefined ? sql.bump([random.pick(items)]) : sql.bumpByPsql(this.psql, random.pick(items)),
      owners: (sql) => sql.rename(random.pick(owners)),
      accounts: (sql) => sql.toggle(random.pick(accounts), isOver),
      slots: (sql) => this.changeSlot(sql),
    };
    const loops = Object.entries(writes).map(([kind, write]) => {
      const sql = this.session();
      return this.repeat(rates[kind as Kind], () => write(sql));
    });
    for (let n = 0; n < 3; n++) loops.push(this.repeat((rates.api ?? 0) / 3, () => this.api.change()));
    for (let n = 0; n < HELD_AT_ONCE; n++) {
      const [sql, own] = [this.session(), held.filter((_, index) => index % (HELD_AT_ONCE + 1) === n)];
      loops.push(this.repeat((rates.held ?? 0) / HELD_AT_ONCE, () => this.hold(sql, own)));
    }
    await Promise.all(loops);
    this.api.close();
    await Promise.all(this.sessions.map((sql) => sql.close()));
  }

  /** Each row is logged: in a few statements, or in one for each row, which all come to light at once. */
  private async flood(sql: SqlWriter): Promise<void> {
    const { items, cold } = this.world.catalogue;
    const all = [...items, ...cold];
    if (this.random.chance(0.5)) return sql.bumpEach(all);
    const size = Math.ceil(all.length / FLOOD_STATEMENTS);
    for (let at = 0; at < all.length; at += size) await sql.bump(all.slice(at, at + size));
  }

  private hold(sql: SqlWriter, own: World['catalogue']['held']): Promise<void> {
    const { random } = this;
    const parts = Array.from({ length: 1 + random.below(3) }, () => random.some(1 + random.below(2), own));
    return sql.hold(parts, random.between(...HELD_MS), random.chance(0.9));
  }

  private session(): SqlWriter {
    const sql = new SqlWriter(this.world.servers.postgres.url);
    this.sessions.push(sql);
    return sql;
  }

  private async repeat(rate: number | undefined, write: () => Promise<void>): Promise<void> {
    while (rate && !this.world.isOver) {
      await sleep(Math.min(this.random.gapMs(rate), 2_000));
      try {
        await write();
        this.world.tally.writes++;
      } catch (error) {
        // A write through the API has told already; its outcome, like that of any other, is in doubt.
        const { code } = error as { code?: string };
        this.world.tally.fail(`write in doubt${code === undefined ? '' : ` (${code})`}`);
      }
    }
  }

  /** Something of all that can happen to a slot; one that is in doubt afterwards is replaced by a new one. */
  private async changeSlot(sql: SqlWriter): Promise<void> {
    const { world, random } = this;
    const index = random.below(world.slots.length);
    const slot = world.slots[index] as Slot;
    try {
      await (random.chance(0.3) ? this.changeByApi(slot) : this.changeBySql(sql, slot));
    } catch (error) {
      world.slots[index] = new Slot(`${slot.sku.split('~')[0]}~${performance.now().toFixed(0)}`);
      throw error;
    }
  }

  private changeBySql(sql: SqlWriter, slot: Slot): Promise<void> {
    if (!slot.current)
      return slot.create(async () => {
        await sql.createItem(slot.next.id, slot.name.name, this.world.catalogue.admin.id);
        return slot.next.id;
      });
    const change = this.random.weighted({ rename: 4, replace: 3, remove: 3 });
    if (change === 'rename') return slot.rename(({ id }, sku) => sql.renameItem(id, sku));
    if (change === 'replace') return slot.replace(({ id }, next) => sql.replaceItem(id, next.id));
    return slot.remove(({ id }) => sql.removeItem(id));
  }

  private changeByApi(slot: Slot): Promise<void> {
    const { api } = this;
    const instance = api.someInstance();
    if (!slot.current)
      return slot.create(async () => {
        const body = { sku: slot.name.name, name: 'In a slot' };
        const answer = await api.ask(instance, { method: 'POST', path: '/v1/items', body }, 201);
        return (JSON.parse(answer.body.toString()) as { id: string }).id;
      });
    if (this.random.chance(0.5))
      return slot.rename(async ({ id }, sku) =>
        versionOf(await api.ask(instance, { method: 'PATCH', path: `/v1/items/${id}`, body: { sku } }, 200)),
      );
    return slot.remove(async ({ id }) => {
      await api.ask(instance, { method: 'DELETE', path: `/v1/items/${id}` }, 204);
    });
  }
}
