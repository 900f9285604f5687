// Names for statements that are sent again and again: PostgreSQL then parses and plans them once a connection.
import { createHash } from 'node:crypto';

/** Each takes memory on every connection for good. */
const MAX_NAMES = 100;
/** A table that was altered refuses once; a pooler that knows no names does so again and again, and is spared from then on. */
const MAX_REFUSALS = 3;
/** No such statement, one of that name already, a result of other types: nothing has been executed. */
const REFUSALS = new Set(['26000', '42P05', '0A000']);

export class StatementNames {
  private readonly names = new Map<string, string>();
  private refusals = 0;

  /** @param isUsed false where the connections are a pooler's that knows no names */
  constructor(private readonly isUsed = true) {}

  /** Undefined: it goes without a name. */
  of(text: string): string | undefined {
    if (!this.isUsed) return undefined;
    const known = this.names.get(text);
    if (known !== undefined || this.names.size >= MAX_NAMES || this.refusals >= MAX_REFUSALS) return known;
    // Of the text: whoever has given this name on a connection that a pooler shares out means the same by it.
    const digest = createHash('sha256').update(text).digest('base64url').slice(0, 22);
    const name = `floodgate_${this.refusals}_${digest}`;
    this.names.set(text, name);
    return name;
  }

  /** Whether the failure is about the name, so that the statement may be sent without; there are other names from then on. */
  isRefused(text: string, name: string, error: unknown): boolean {
    if (!REFUSALS.has((error as { code?: string }).code ?? '')) return false;
    // Other connections may tell of the same.
    if (this.names.get(text) === name) {
      this.refusals++;
      this.names.clear();
    }
    return true;
  }
}
