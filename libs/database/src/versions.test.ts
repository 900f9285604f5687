import { Column, Entity, PrimaryColumn } from 'typeorm';
import { Telemetry } from '@app/telemetry';
import { LoggedDatabase } from '../test/logged-database';
import { Connection } from './connection';
import { createDataSource } from './data-source';
import { UnfitDatabase } from './failures';
import { countVersions, createVersionCounter, dropVersionCounter } from './versions';

@Entity('things')
class Thing {
  @PrimaryColumn('int')
  id!: number;

  @Column('int', { default: 1 })
  version!: number;
}

let log: LoggedDatabase;

beforeAll(async () => {
  log = await LoggedDatabase.create();
  await log.migrate(async (runner) => {
    await createVersionCounter(runner);
    await runner.query(`CREATE TABLE things (id int PRIMARY KEY, name text, version int NOT NULL DEFAULT 1,
      updated_at timestamptz(3) NOT NULL DEFAULT now())`);
    await countVersions(runner, 'things');
  });
});
afterAll(() => log.close());
beforeEach(() =>
  log.client.query(`TRUNCATE things; INSERT INTO things (id, name, updated_at) VALUES (1, 'one', '2020-01-01Z')`),
);

interface Seen {
  readonly version: number;
  readonly isTouched: boolean;
}

const thing = async (): Promise<Seen | undefined> =>
  (await log.client.query<Seen>(`SELECT version, updated_at > '2021-01-01Z' AS "isTouched" FROM things`)).rows[0];

it.each<[what: string, update: string, after: Seen]>([
  ['what does not count is counted', `name = 'two'`, { version: 2, isTouched: true }],
  ['what counts is left alone', `version = version + 1`, { version: 2, isTouched: false }],
  ['a time that is given is kept', `updated_at = '2020-02-02Z'`, { version: 2, isTouched: false }],
])('%s', async (_, update, after) => {
  await log.client.query(`UPDATE things SET ${update}`);
  expect(await thing()).toEqual(after);
});

it('a table without a version is refused while the migration runs, and not by each update after it', async () => {
  await expect(log.migrate((runner) => countVersions(runner, 'orders'))).rejects.toThrow('version');
});

it('a database in which the versions of an entity are not counted is refused', async () => {
  const open = async (): Promise<void> => {
    const telemetry = new Telemetry();
    const dataSource = createDataSource({ url: log.url, poolSize: 1, migrations: [], telemetry });
    dataSource.setOptions({ entities: [Thing] });
    const connection = new Connection(dataSource, { telemetry, onUnfit: () => undefined });
    await connection.open().finally(() => connection.close());
  };
  await open();
  await log.client.query(`ALTER TABLE things DISABLE TRIGGER things_count_version`);
  const refused = open();
  await expect(refused).rejects.toThrow(UnfitDatabase);
  await expect(refused).rejects.toThrow("await countVersions(runner, 'things')");
  await log.client.query(`ALTER TABLE things ENABLE TRIGGER things_count_version`);
});

it('can be undone', async () => {
  await log.migrate(dropVersionCounter);
  await log.client.query(`UPDATE things SET name = 'two'`);
  expect(await thing()).toEqual({ version: 1, isTouched: false });
});
