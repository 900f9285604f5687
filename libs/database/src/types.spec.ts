import { types } from 'pg';
import { getTypeParser } from './types';

const TEXT_ARRAY = 1009;
const TIMESTAMPTZ = 1184;
const parsersOf = (oid: number) => [getTypeParser(oid), types.getTypeParser(oid)] as ((text: string) => unknown)[];

it.each([
  '{}',
  '{a}',
  '{a,b c,ä🦉}',
  '{"",a}',
  '{"a,b","c\\"d","e\\\\f","{g}"}',
  '{"a\\\\",b}',
  '{"\\"","\\\\\\"",x}',
  '{plain,"q, 1",plain,"",plain}',
  '{"{a","NULL b"}',
  '{"ä\\"🦉","x\ny"}',
  '{NULL,a}',
  '{"NULL",NULLABLE}',
  '{"null",a}',
  '{{a,b},{c,d}}',
  '[2:3]={a,b}',
])('an array of texts is what the driver makes of it: %s', (text) => {
  const [own, driver] = parsersOf(TEXT_ARRAY);
  expect(own?.(text)).toEqual(driver?.(text));
});

it.each([
  '2026-01-02 03:04:05.678+00',
  '2026-01-02 03:04:05.67+00',
  '2026-01-02 03:04:05.678+02',
  '0044-03-15 12:00:00.000+00',
])('a moment is what the driver makes of it: %s', (text) => {
  const [own, driver] = parsersOf(TIMESTAMPTZ) as ((text: string) => Date)[];
  expect(own?.(text).getTime()).toBe(driver?.(text).getTime());
  expect(JSON.stringify(own?.(text))).toBe(JSON.stringify(driver?.(text)));
});

it('a moment that is changed is written anew', () => {
  const moment = (getTypeParser(TIMESTAMPTZ) as (text: string) => Date)('2026-01-02 03:04:05.678+00');
  moment.setUTCFullYear(2030);
  expect(moment.toISOString()).toBe('2030-01-02T03:04:05.678Z');
});
