import type { Options } from './options';
import type { Summary } from './summary';
import type { World } from './world';

/** One table of the report. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** @throws Error when an answer was not as it must be: then there is no figure */
  readonly run: (world: World, options: Options) => Promise<readonly Summary[]>;
}
