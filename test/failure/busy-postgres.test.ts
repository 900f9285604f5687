// PostgreSQL has no time: the rows of `npm run check:failure` that no other test holds, in their short form.
import { type Figure, SHORT } from '../faults/row';
import { OF_POSTGRES } from '../faults/rows.of-postgres';
import { describeWith } from '../support/programs';

const broken = (figures: readonly Figure[] = []): Figure[] => figures.filter(({ isGood }) => !isGood);

describeWith('redis-server', 'one instance on a busy PostgreSQL', () => {
  it.each(['pool-exhausted', 'slow-query'])(
    '%s',
    async (name) => {
      const figures = await OF_POSTGRES.find((row) => row.name === name)?.run?.(SHORT);
      expect(figures?.length).toBeGreaterThan(0);
      expect(broken(figures)).toEqual([]);
    },
    120_000,
  );
});
