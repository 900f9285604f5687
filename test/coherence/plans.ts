// A request of each kind, and what its answers show.
import { type Answer, headerOf } from './answers';
import type { Account, Item, Owner } from './catalogue';
import type { Request } from './connection';
import type { Register } from './history';
import type { Name, Slot, Tenant } from './slots';
import type { Floor, Sighting } from './verdict';

export interface Plan {
  readonly request: Request;
  readonly floors: readonly Floor[];
  /** To be called as soon as it comes. Undefined if the answer shows nothing: a refusal, or not what was asked for. */
  readonly look: (answer: Answer) => Sighting[] | undefined;
}

interface ItemBody {
  readonly id: string;
  readonly sku: string;
  readonly version: number;
  readonly owner?: { readonly displayName: string };
}

interface Page {
  readonly data: readonly ItemBody[];
}

const ETAG = /^"([0-9a-f-]{36})\.(\d+)"$/;

/** What goes with a read that must not miss the last stamped write of an item. */
export function stampOf({ stamp, version }: Item): { headers: Record<string, string>; floors: Floor[] } {
  if (!stamp) return { headers: {}, floors: [] };
  const floors: Floor[] = [{ register: version, rank: stamp.rank, because: 'token' }];
  return { headers: { 'Consistency-Token': stamp.token }, floors };
}

interface Extras {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly floors?: readonly Floor[];
  /** The version whose entity tag the request carries: what 304 shows. */
  readonly presented?: number;
  /** Looks into the body as well. */
  readonly readsBody?: boolean;
}

/** One item, by its id unless there is another path. */
export function itemPlan({ id, version: register }: Tenant, extras: Extras = {}): Plan {
  const { path = `/v1/items/${id}`, headers, floors = [], presented = NaN, readsBody = false } = extras;
  return {
    request: { method: 'GET', path, headers },
    floors,
    look: (answer) => {
      if (answer.status === 304) return [{ register, rank: presented }];
      if (answer.status === 404) return [{ register, rank: register.rankOfAbsence }];
      const shown = shownByTag(answer);
      if (!shown) return undefined;
      const sighting = { register, rank: shown.rank };
      return readsBody ? [sighting, { register, rank: bodyOf<ItemBody>(answer).version }] : [sighting];
    },
  };
}

/** Whoever has this name now, if anybody. */
export function namePlan(slot: Slot, name: Name): Plan {
  return {
    request: { method: 'GET', path: `/v1/items/by-sku/${name.name}` },
    floors: [],
    look: (answer) => {
      const shown = answer.status === 404 ? undefined : shownByTag(answer);
      if (!shown && answer.status !== 404) return undefined;
      return sightingsIn(slot, name, shown);
    },
  };
}

export function namesPlan(slots: readonly Slot[]): Plan {
  const names = slots.flatMap((slot) => slot.names.map((name) => ({ slot, name })));
  return {
    request: { method: 'GET', path: `/v1/items?${names.map(({ name }) => `sku=${name.name}`).join('&')}&limit=100` },
    floors: [],
    look: (answer) =>
      whenFound(answer, ({ data }: Page) =>
        names.flatMap(({ slot, name }) => {
          const found = data.find(({ sku }) => sku === name.name);
          return sightingsIn(slot, name, found && { id: found.id, rank: found.version });
        }),
      ),
  };
}

/** These items are never deleted: one that is not in the answer was not found. */
export function pagePlan(items: readonly Item[], path: string, stamped?: Item): Plan {
  const { headers, floors } = stamped ? stampOf(stamped) : { headers: {}, floors: [] };
  return {
    request: { method: 'GET', path, headers },
    floors,
    look: (answer) =>
      whenFound(answer, ({ data }: Page) =>
        items.flatMap(({ id, version, owner }) => {
          const body = data.find((one) => one.id === id);
          const shown = { register: version, rank: body?.version ?? 0 };
          return body?.owner ? [shown, ownerIn(owner, body.owner)] : [shown];
        }),
      ),
  };
}

export function profilePlan(owner: Owner): Plan {
  return {
    request: { method: 'GET', path: `/v1/users/${owner.id}` },
    floors: [],
    look: (answer) => whenFound(answer, (body: { displayName: string }) => [ownerIn(owner, body)]),
  };
}

/** @param authorization the account's, which is worth nothing while the account is disabled */
export function accountPlan({ status }: Account, authorization: string): Plan {
  return {
    request: { method: 'GET', path: '/v1/users/me', headers: { Authorization: authorization } },
    floors: [],
    look: (answer) => {
      if (answer.status !== 200 && answer.status !== 401) return undefined;
      const state = answer.status === 200 ? 'active' : 'disabled';
      return [{ register: status.changes, rank: status.rankOf(state) }];
    },
  };
}

interface Shown {
  readonly id: string;
  readonly rank: number;
}

function shownByTag(answer: Answer): Shown | undefined {
  const [, id, version] = ETAG.exec(headerOf(answer, 'etag') ?? '') ?? [];
  return answer.status !== 200 || id === undefined ? undefined : { id, rank: Number(version) };
}

/** The item is not known if it was created under an id that its writer has not been told yet. */
function sightingsIn(slot: Slot, name: Name, shown: Shown | undefined): Sighting[] {
  const presence = { register: name.changes, rank: name.rankOf(shown !== undefined) };
  const tenant: { version: Register } | undefined = shown && slot.tenant(shown.id);
  return shown && tenant ? [presence, { register: tenant.version, rank: shown.rank }] : [presence];
}

const ownerIn = ({ name }: Owner, { displayName }: { displayName: string }): Sighting => ({
  register: name,
  rank: Number(displayName.split(' ')[1]),
});

function whenFound<Body>(answer: Answer, look: (body: Body) => Sighting[]): Sighting[] | undefined {
  return answer.status === 200 ? look(bodyOf<Body>(answer)) : undefined;
}

const bodyOf = <Body>({ body }: Answer): Body => JSON.parse(body.toString()) as Body;
