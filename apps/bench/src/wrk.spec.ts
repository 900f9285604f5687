import { refuseFailures } from './wrk';

it.each([
  [{ requests: 1_000, refused: 0, failed: 0 }, 0],
  [{ requests: 1_000, refused: 1, failed: 0, wrongStatus: 503 }, 0.001],
])('%j passes where %d of all may be refusals', (result, mostRefused) =>
  expect(() => refuseFailures('Floodgate', result, mostRefused)).not.toThrow(),
);

it.each([
  [
    { requests: 1_000, refused: 1, failed: 0 },
    0,
    'Floodgate: 1 of 1000 answers were refusals, and 0 connections failed.',
  ],
  [{ requests: 1_000, refused: 2, failed: 0, wrongStatus: 503 }, 0.001, '2 of 1000 answers were refusals (503)'],
  [{ requests: 1_000, refused: 0, failed: 1, wrongStatus: 0 }, 0.001, 'were refusals, and 1 connections failed.'],
])('%j does not where %d may', (result, mostRefused, sentence) =>
  expect(() => refuseFailures('Floodgate', result, mostRefused)).toThrow(sentence),
);
