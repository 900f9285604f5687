import sql, { join, raw } from 'sql-template-tag';
import { severalAtOnce } from './several-at-once';

it('writes values out where they stand', () => {
  const { text } = severalAtOnce(['BEGIN', sql`SELECT ${'a'}, ${1.5}, ${null} FROM ${raw('t')}`, 'COMMIT']);
  expect(text).toBe(`BEGIN; SELECT 'a', '1.5', NULL FROM t; COMMIT`);
});

it.each([
  [`it's; DROP TABLE t; --`, `'it''s; DROP TABLE t; --'`],
  ['\\', ` E'\\\\'`],
  [`\\'`, ` E'\\\\'''`],
  ['$1 $$ ?', `'$1 $$ ?'`],
])('leaves %j no way out of its quotes', (value, literal) => {
  expect(severalAtOnce([sql`SELECT ${value}`]).text).toBe(`SELECT ${literal}`);
});

it('shows no values', () => {
  const { shown } = severalAtOnce(['BEGIN', sql`SELECT ${'secret'}, ${join(['secret', 'secret'])}`]);
  expect(shown).toBe('BEGIN; SELECT $1, $2,$3');
});

it.each([[undefined], [true], [['a']], [new Date(0)], [{}]])('refuses %p', (value) => {
  expect(() => severalAtOnce([sql`SELECT ${value}`])).toThrow(`can't be written out`);
});
