// How a cache gets what it does not have.
import { Gathered } from '@app/database';

export type Load<V> = (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>;

export interface Loader<V> {
  readonly load: Load<V>;
  /** Of one key, where that is cheaper. */
  readonly loadOne?: (key: string) => Promise<V | undefined>;
  /** It may read through other caches, on whose tags its values then depend. */
  readonly isTraced: boolean;
}

export const loaderOf = <V>(load: Load<V> | Gathered<V>): Loader<V> =>
  load instanceof Gathered
    ? { load: (keys) => load.load(keys), loadOne: (key) => load.loadOne(key), isTraced: false }
    : { load, isTraced: true };

/** Of a `get()` that brings its own. */
export const loaderOfOne = <V>(key: string, load: () => Promise<V | undefined>): Loader<V> => ({
  isTraced: true,
  load: async () => {
    const value = await load();
    return value === undefined ? new Map<string, V>() : new Map([[key, value]]);
  },
});
