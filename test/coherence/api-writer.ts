// Writes through the API of any instance, and reads its own writes over the same connection.
import { type Answer, headerOf } from './answers';
import type { Item } from './catalogue';
import { Connection, type Request } from './connection';
import type { Instance } from './instance';
import type { Random } from './random';
import { itemPlan } from './plans';
import type { World } from './world';

export class ApiWriter {
  private readonly connections = new Map<Instance, Connection>();
  private count = 0;

  constructor(
    private readonly world: World,
    private readonly random: Random,
  ) {}

  async change(): Promise<void> {
    const { world, random } = this;
    const item = random.pick(world.catalogue.items);
    const instance = random.pick(world.instances);
    const body = { stock: ++this.count % 1_000_000 };
    const answer = await this.ask(instance, { method: 'PATCH', path: `/v1/items/${item.id}`, body }, 200);
    const rank = versionOf(answer);
    item.version.acknowledge(rank, performance.now());
    const token = headerOf(answer, 'consistency-token');
    if (token !== undefined && rank > (item.stamp?.rank ?? 0)) item.stamp = { token, rank };
    await this.readBack(instance, item, rank);
  }

  /** Sends a write as the administrator. @throws if it is not answered as it should be */
  async ask(instance: Instance, request: Request, status: number): Promise<Answer> {
    const { world } = this;
    const headers = { Authorization: world.passes.of(world.catalogue.admin) };
    const { answer, loss } = await this.connectionTo(instance).ask({ ...request, headers });
    if (answer?.status === status) return answer;
    world.tally.fail(`write ${answer?.status ?? loss}`);
    throw new Error(`${request.method} ${request.path} answered ${answer?.status ?? loss}.`);
  }

  someInstance(): Instance {
    return this.random.pick(this.world.instances);
  }

  close(): void {
    for (const connection of this.connections.values()) connection.close();
  }

  private async readBack(instance: Instance, item: Item, rank: number): Promise<void> {
    const { world } = this;
    const connection = this.connections.get(instance);
    if (!connection || connection.isLost) return;
    const plan = itemPlan(item);
    const floors = [{ register: item.version, rank, because: 'own write' as const }];
    const sentAt = performance.now();
    const outcome = await connection.ask(plan.request);
    world.tally.read({ ...plan, floors }, outcome, { kind: 'own write', instance: instance.name, sentAt });
  }

  private connectionTo(instance: Instance): Connection {
    const known = this.connections.get(instance);
    if (known && !known.isLost) return known;
    const connection = new Connection(instance.port);
    this.connections.set(instance, connection);
    return connection;
  }
}

export function versionOf(answer: Answer): number {
  const [, version] = /\.(\d+)"$/.exec(headerOf(answer, 'etag') ?? '') ?? [];
  if (version === undefined) throw new Error(`An answer to a write without an entity tag: ${answer.head}`);
  return Number(version);
}
