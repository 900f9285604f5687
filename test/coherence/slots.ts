// Names that go from item to item: created, renamed, replaced and deleted, while readers ask for them all the time.
import { randomUUID } from 'node:crypto';
import { GONE, Register, StateRegister } from './history';

/** A SKU: whether an item has it. */
export type Name = StateRegister<boolean>;

export interface Tenant {
  readonly id: string;
  readonly version: Register;
}

/** Two SKUs of which at most one is taken, by one item at a time. Once a write is in doubt it must be given up. */
export class Slot {
  readonly names: readonly [Name, Name];
  /** Known to readers before it exists, where the writer chooses the id. */
  next = tenant();
  current?: Tenant;
  private at: 0 | 1 = 0;
  private readonly known = new Map<string, Tenant>();

  constructor(readonly sku: string) {
    this.names = [new StateRegister(sku, false), new StateRegister(`${sku}-renamed`, false)];
    this.announce();
  }

  /** The SKU of the current item, or of the one to be created. */
  get name(): Name {
    return this.names[this.at];
  }

  get otherName(): Name {
    return this.names[this.at === 0 ? 1 : 0];
  }

  get tenants(): readonly Tenant[] {
    return [...this.known.values()];
  }

  /** Undefined for one that was just created under an id that its writer has not been told yet. */
  tenant(id: string): Tenant | undefined {
    return this.known.get(id);
  }

  async create(write: () => Promise<string>): Promise<void> {
    this.name.begin(true);
    const id = await write();
    const now = performance.now();
    this.current = id === this.next.id ? this.next : tenant(id);
    this.current.version.acknowledge(1, now);
    this.name.acknowledge(now);
    this.announce();
  }

  async rename(write: (tenant: Tenant, sku: string) => Promise<number>): Promise<void> {
    const { current, name, otherName } = this;
    if (!current) return;
    name.begin(false);
    otherName.begin(true);
    const version = await write(current, otherName.name);
    const now = performance.now();
    current.version.acknowledge(version, now);
    name.acknowledge(now);
    otherName.acknowledge(now);
    this.at = this.at === 0 ? 1 : 0;
  }

  /** Deletes the item and creates another one of the same SKU, in one transaction: the SKU is never free. */
  async replace(write: (tenant: Tenant, next: Tenant) => Promise<void>): Promise<void> {
    const { current, next } = this;
    if (!current) return;
    current.version.beginRemoval();
    await write(current, next);
    const now = performance.now();
    current.version.acknowledge(GONE, now);
    next.version.acknowledge(1, now);
    this.current = next;
    this.announce();
  }

  async remove(write: (tenant: Tenant) => Promise<void>): Promise<void> {
    const { current, name } = this;
    if (!current) return;
    current.version.beginRemoval();
    name.begin(false);
    await write(current);
    const now = performance.now();
    current.version.acknowledge(GONE, now);
    name.acknowledge(now);
    this.current = undefined;
  }

  /** Forgets all but the latest, so that readers ask for what may still be cached. */
  private announce(): void {
    if (this.current) this.known.set(this.current.id, this.current);
    this.next = tenant();
    this.known.set(this.next.id, this.next);
    for (const id of [...this.known.keys()].slice(0, -MAX_KNOWN)) this.known.delete(id);
  }
}

const MAX_KNOWN = 6;

function tenant(id = randomUUID() as string): Tenant {
  return { id, version: new Register(`item ${id}`) };
}
