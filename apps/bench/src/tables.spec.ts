import { shown, tablesOf } from './tables';

it.each([
  [61_234.4, '61,234'],
  [123.4, '123'],
  [12.34, '12.3'],
  [1.234, '1.23'],
  [3, '3'],
  [NaN, '–'],
  [undefined, '–'],
])('%d is shown as %s', (value, text) => expect(shown(value)).toBe(text));

it('leaves out what is not there', () => {
  expect(tablesOf({})).toEqual([]);
  const goal = { what: 'a / b', value: 0.5, target: 1, bound: 'least' as const };
  expect(tablesOf({ goals: [goal, { ...goal, bound: 'most' as const }] })).toEqual([
    {
      head: ['to reach', 'is', 'target', ''],
      rows: [
        ['a / b', '0.50', '≥ 1', 'MISSED'],
        ['a / b', '0.50', '≤ 1', 'reached'],
      ],
    },
  ]);
  expect(tablesOf({ figures: [{ name: 'a', value: 1, unit: '' }] })).toEqual([
    { head: ['', 'value'], rows: [['a', '1']] },
  ]);
});
