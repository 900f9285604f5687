import { Versions } from './versions';

it('counts from the first newer version that was acknowledged before the read was sent', () => {
  const versions = new Versions();
  versions.acknowledged('a', 2, 1_000);
  versions.acknowledged('a', 4, 1_100);
  versions.acknowledged('a', 3, 1_150);
  versions.shown('a', 1, 990); // sent before the first acknowledgement
  versions.shown('a', 1, 1_010); // 10 ms
  versions.shown('a', 2, 1_250); // 150 ms: version 4 was there before version 3
  versions.shown('a', 4, 2_000);
  versions.shown('b', 1, 2_000);
  expect(versions.summary()).toEqual({ reads: 5, staleReads: 2, brokenReads: 1, p50Ms: 10, p99Ms: 10, maxMs: 150 });
});

it('says nothing of a server that shows all it has acknowledged', () => {
  const versions = new Versions();
  versions.acknowledged('a', 2, 1_000);
  versions.shown('a', 2, 1_001);
  expect(versions.summary()).toMatchObject({ reads: 1, staleReads: 0, maxMs: 0 });
});
