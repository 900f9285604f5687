// Two servers, synchronous replication, one address: the primary is killed, the standby takes over.
import { failOver } from '../faults/failover';
import { classesOf } from '../faults/traffic';

/** Milliseconds; the time that watching takes in production comes on top, here the standby is promoted at once. */
const BACK_WITHIN = 10_000;

it('a promoted standby has every acknowledged write, nothing is shown from before, and the service is back', async () => {
  const { outcomes, books, writesMs, readsMs, isDropped } = await failOver(30);
  expect(books.lost).toBe(0);
  expect(books.made).toBeGreaterThan(20);
  expect(classesOf(outcomes.filter(({ result }) => ![200, 201, 503].includes(result as number)))).toEqual({});
  expect(isDropped).toBe(true);
  expect(Math.max(writesMs, readsMs)).toBeLessThan(BACK_WITHIN);
}, 120_000);
