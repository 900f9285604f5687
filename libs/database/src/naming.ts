// Names tables' columns and constraints the way PostgreSQL itself would: snake_case, <table>_<columns>_{pkey|key|idx|fkey}.
import {
  DefaultNamingStrategy,
  type EntityTarget,
  getMetadataArgsStorage,
  type ObjectLiteral,
  type Table,
} from 'typeorm';

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export class HouseNaming extends DefaultNamingStrategy {
  override columnName(property: string, custom: string): string {
    return custom || snakeCase(property);
  }

  override primaryKeyName(table: Table | string): string {
    return `${this.getTableName(table)}_pkey`;
  }

  override uniqueConstraintName(table: Table | string, columns: string[]): string {
    return this.constraint(table, columns, 'key');
  }

  override indexName(table: Table | string, columns: string[]): string {
    return this.constraint(table, columns, 'idx');
  }

  override foreignKeyName(table: Table | string, columns: string[]): string {
    return this.constraint(table, columns, 'fkey');
  }

  private constraint(table: Table | string, columns: string[], suffix: string): string {
    return [this.getTableName(table), ...columns.map(snakeCase), suffix].join('_');
  }
}

/** The table of an entity; known before anything is connected. */
export function tableNameOf(entity: EntityTarget<ObjectLiteral>): string {
  const name = getMetadataArgsStorage().tables.find(({ target }) => target === entity)?.name;
  if (name === undefined)
    throw new Error(`${String((entity as { name?: string }).name)} is no entity with a named table.`);
  return name;
}
