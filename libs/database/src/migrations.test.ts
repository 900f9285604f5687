import { runInNewContext } from 'node:vm';
import {
  Column,
  Entity,
  Index,
  PrimaryColumn,
  UpdateDateColumn,
  type MigrationInterface,
  type QueryRunner,
} from 'typeorm';
import { ModuleKind, transpile } from 'typescript';
import { LoggedDatabase } from '../test/logged-database';
import { LOGGED_TABLES, logChanges } from './change-log';
import { cleanGinIndexOften } from './gin-indexes';
import { generateMigration } from './migrations';
import { countVersions, createVersionCounter } from './versions';

@Entity('orders')
class Order {
  @PrimaryColumn('int')
  id!: number;

  @Column('text', { unique: true, nullable: true })
  name!: string | null;

  @Column('text', { nullable: true })
  note!: string | null;
}

@Entity('parcels')
class Parcel {
  @PrimaryColumn('uuid')
  id!: string;
}

@Entity('prices')
class Price {
  @PrimaryColumn('text')
  currency!: string;
}

@Entity('letters')
class Letter {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('integer', { default: 1 })
  version!: number;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3, name: 'updated_at' })
  updatedAt!: Date;
}

@Entity('stamps')
class Stamp {
  @PrimaryColumn('uuid')
  id!: string;

  @UpdateDateColumn({ type: 'timestamptz', precision: 3, name: 'updated_at' })
  updatedAt!: Date;

  @Column('integer', { default: 1 })
  version!: number;
}

@Entity('shelves')
@Index('shelves_tags_idx', ['tags'], { type: 'gin' })
@Index('shelves_name_idx', ['name'])
class Shelf {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  name!: string;

  @Column('text', { array: true })
  tags!: string[];
}

let log: LoggedDatabase;
beforeAll(async () => {
  log = await LoggedDatabase.create();
});
afterAll(() => log.close());

/** The migration that makes the tables of these entities, and what it is when it is loaded. */
async function generated(
  ...entities: (new () => object)[]
): Promise<{ source: string; migration: MigrationInterface }> {
  const dataSource = log.dataSource;
  dataSource.setOptions({ entities });
  await dataSource['buildMetadatas']();
  const { source } = (await generateMigration(dataSource, 'create-things', 1_800_000_000_000))!;
  const exported: Record<string, new () => MigrationInterface> = {};
  const text = transpile(source, { module: ModuleKind.CommonJS });
  runInNewContext(text, { exports: exported, require: () => ({ cleanGinIndexOften, countVersions, logChanges }) });
  return { source, migration: new exported['CreateThings1800000000000']!() };
}

const loggedNames = async (): Promise<string[]> =>
  (await log.client.query<{ name: string }>(LOGGED_TABLES)).rows.map(({ name }) => name).sort();

const run = (work: (runner: QueryRunner) => Promise<void>): Promise<void> => log.migrate(work);

it('a migration that makes a table has its changes logged, and what undoes it needs nothing', async () => {
  const { source, migration } = await generated(Order, Parcel);
  expect(source).toMatch(/^import { logChanges } from '@app\/database';\n/);
  expect(source.match(/await logChanges\(.*\)/g)).toEqual([`await logChanges(runner, 'parcels')`]);
  await run((runner) => migration.up(runner));
  expect(await loggedNames()).toEqual(['lines', 'orders', 'parcels']);
  await log.client.query(`INSERT INTO parcels VALUES ('0198c0de-0000-7000-8000-000000000001')`);
  expect(await log.loggedTags()).toEqual([['parcels:0198c0de-0000-7000-8000-000000000001']]);
  await run((runner) => migration.down(runner));
  expect(await loggedNames()).toEqual(['lines', 'orders']);
});

describe('a migration has versions counted', () => {
  const ID = '0198c0de-0000-7000-8000-000000000001';
  beforeAll(() => run(createVersionCounter));

  const counted = async (table: string): Promise<unknown> => {
    await log.client.query(`INSERT INTO ${table} (id) VALUES ('${ID}')`);
    await log.client.query(`UPDATE ${table} SET id = gen_random_uuid()`);
    return (await log.client.query(`SELECT version FROM ${table}`)).rows;
  };

  it.each([
    ['letters', Letter],
    ['stamps', Stamp],
  ])('of a table that it makes: %s', async (table, entity) => {
    const { source, migration } = await generated(Order, entity);
    expect(source).toMatch(/^import { countVersions, logChanges } from '@app\/database';\n/);
    expect(source).not.toContain('DROP TRIGGER');
    await run((runner) => migration.up(runner));
    expect(await counted(table)).toEqual([{ version: 2 }]);
    await run((runner) => migration.down(runner));
  });

  it.each([
    ['version', 'updated_at timestamptz(3) NOT NULL DEFAULT now()'],
    ['time', 'version int NOT NULL DEFAULT 1'],
    ['version and time', 'note text'],
  ])('of a table that gets its %s later, and takes all back', async (_, column) => {
    await log.client.query(`CREATE TABLE letters (id uuid CONSTRAINT letters_pkey PRIMARY KEY, ${column})`);
    const { source, migration } = await generated(Order, Letter);
    expect(source).toMatch(/^import { countVersions } from/);
    await run((runner) => migration.up(runner));
    expect(await counted('letters')).toEqual([{ version: 2 }]);
    await run((runner) => migration.down(runner));
    const { fields } = await log.client.query(`SELECT * FROM letters`);
    expect(fields.map(({ name }) => name)).toEqual(['id', column.split(' ')[0]]);
    await log.client.query(`UPDATE letters SET id = gen_random_uuid(); DROP TABLE letters`);
  });
});

it('a migration that makes a GIN index has it cleaned often, and no other', async () => {
  const { source, migration } = await generated(Order, Shelf);
  expect(source).toMatch(/^import { cleanGinIndexOften, logChanges } from '@app\/database';\n/);
  await run((runner) => migration.up(runner));
  const options = `SELECT relname AS name, reloptions AS options FROM pg_class WHERE relname LIKE 'shelves_%_idx' ORDER BY 1`;
  expect((await log.client.query(options)).rows).toEqual([
    { name: 'shelves_name_idx', options: null },
    { name: 'shelves_tags_idx', options: ['gin_pending_list_limit=512'] },
  ]);
  await run((runner) => migration.down(runner));
});

it('a migration that makes no table does not mention the log', async () => {
  const { source, migration } = await generated(Order);
  expect(source).not.toMatch(/logChanges/);
  await run((runner) => migration.up(runner));
  await log.client.query(`UPDATE orders SET note = 'x'`);
  await run((runner) => migration.down(runner));
});

it('a table whose rows are not known by an id can be written to', async () => {
  const { migration } = await generated(Order, Price);
  await run((runner) => migration.up(runner));
  await log.client.query(`INSERT INTO prices VALUES ('EUR')`);
  await run((runner) => migration.down(runner));
});

it('a table without an id is refused while the migration runs, and not by each write after it', async () => {
  const logged = run(async (runner) => {
    await runner.query(`CREATE TABLE rates (currency text PRIMARY KEY)`);
    await logChanges(runner, 'rates');
  });
  await expect(logged).rejects.toThrow();
});
