// The short form of `npm run check:attack`.
import { wage } from './requests/campaign';

it('nothing that the API document allows or forbids is answered otherwise than it says', async () => {
  const { finding, untried, requests } = await wage({ requests: 5_000, seed: 1 });
  expect(finding).toBeUndefined();
  expect(untried).toEqual([]);
  expect(requests).toBeGreaterThanOrEqual(5_000);
}, 400_000);
