import { type Account, TestApi } from '../../../../test/support/api';
import { ItemsIntake, type ItemsSource } from './items.intake.service';

/** As many as fill a chunk. */
const FULL = 1_000;
/** After it, a chunk of one row may be written. */
const GATHERING_MS = 25;

let api: TestApi;
beforeAll(async () => void (api = await TestApi.start()));
afterAll(() => api.close());

it('writes the oldest chunk next: full ones of one owner keep the few rows of another waiting for no longer', async () => {
  const intake = api.app.get(ItemsIntake);
  /** Of which source each transaction is, and what ends it. */
  const begun: { key: string; end: () => void }[] = [];
  let isHeld = true;
  intake.recordBy(async ([written]) => {
    await new Promise<void>((end) => {
      begun.push({ key: written?.key ?? '', end });
      if (!isHeld) end();
    });
  });
  const sources: ItemsSource[] = [];
  const open = ({ id }: Account, key: string): ItemsSource => {
    sources.push(intake.open(id, key));
    return sources.at(-1) as ItemsSource;
  };
  let line = 0;
  const add = (source: ItemsSource): Promise<void> =>
    source.add({ line: ++line, value: { sku: `${source.key}-${line}`, name: 'Lamp' } });
  const untilBegun = async (count: number): Promise<void> => {
    while (begun.length < count) await new Promise((resolve) => setImmediate(resolve));
  };

  const [one, other] = [await api.createAccount(), await api.createAccount()];
  for (const writer of [1, 2]) {
    await add(open(one, 'busy'));
    await untilBegun(writer);
  }
  await add(open(other, 'few'));
  // Its own timer is older.
  await new Promise((resolve) => setTimeout(resolve, GATHERING_MS));
  const many = open(one, 'many');
  for (let row = 0; row < 2 * FULL; row++) await add(many);
  begun[0]?.end();
  await untilBegun(3);
  isHeld = false;
  for (const { end } of begun) end();
  for (const source of sources) await source.end();
  expect(begun.map(({ key }) => key)).toEqual(['busy', 'busy', 'few', 'many', 'many']);
});
