import { fillSql, pieces } from './sqlVariables';
import { templatesOf, Values } from './test/templates';

const fill = (sql: string, values: Values) => fillSql(sql, templatesOf(values));

it.each([
  ['a text', 'name = $v', { v: 'Sales' }, "name = 'Sales'"],
  ['several', 'name IN ($v)', { v: ['Sales', "Bob's"] }, "name IN ('Sales', 'Bob\\'s')"],
  ['a number', 'wait_sec > $v', { v: '20.5' }, 'wait_sec > 20.5'],
  ['a negative number', '1 -$v', { v: '-5' }, '1 -(-5)'],
  ['none', 'name IN ($v)', { v: [] }, 'name IN (NULL)'],
  ['within quotes', "name LIKE '%$v%'", { v: "Bob's" }, "name LIKE '%Bob\\'s%'"],
  ['in a name', 'SELECT `$v`', { v: 'a`b' }, 'SELECT `a\\`b`'],
  ['in a comment', 'SELECT 1 -- $v', { v: '\nDROP TABLE calls' }, 'SELECT 1 -- $v'],
  ['in a text of several lines', 'SELECT $a$ $v $a$', { v: '$a$ x' }, 'SELECT $a$ $v $a$'],
  ['with a format', 'name IN (${v:csv})', { v: ['a', 'b); DROP TABLE calls; --'] }, "name IN ('a', 'b); DROP TABLE calls; --')"],
  ['with a format in brackets', 'name IN ([[v:raw]])', { v: 'x) OR (1' }, "name IN ('x) OR (1')"],
  ['a macro', '$__timeFilter(begun_at) AND $__queueFilter(queue_id)', { v: 'x' }, '$__timeFilter(begun_at) AND $__queueFilter(queue_id)'],
])('fills in %s', (_, sql, values, want) => {
  expect(fill(sql, values as Values)).toBe(want);
});

// What ClickHouse sees as code, with each quoted text as one mark.
const shape = (sql: string) => pieces(sql).map(({ context, text }) => (context === 'code' ? text : `<${context}>`)).join('');

describe('hostile values', () => {
  const hostile = ["'", "\\'", '\\', "' OR 1=1 --", '*/ x', '\n', '`', '"', '\0', "''", "\\\\'", '$v', '--', '/*', '1e9', '0x10', "a','b", ')', ';', '\u2019', 'NULL'];
  const alphabet = ["'", '\\', '`', '"', '-', '*', '/', '\n', '$', ' ', 'x', '1', ')', ';'];
  const random = Array.from({ length: 2_000 }, (_, seed) => {
    let state = seed + 1;
    const next = () => (state = (state * 48_271) % 2_147_483_647);
    return Array.from({ length: 1 + (next() % 8) }, () => alphabet[next() % alphabet.length]).join('');
  });
  const statements = ["SELECT a FROM t WHERE b = $v AND c = 'c'", "SELECT a FROM t WHERE b LIKE '%$v%' AND c = 'c'", 'SELECT `$v` FROM t WHERE c = \'c\'', 'SELECT "x${v:raw}y", \'c\' FROM t'];

  it.each(statements)('change no statement\u2019s shape: %s', (sql) => {
    const harmless = shape(fill(sql, { v: 'harmless' }));
    for (const value of [...hostile, ...random].filter((text) => !/^-?\d+$/.test(text))) {
      expect([value, shape(fill(sql, { v: value }))]).toEqual([value, harmless]);
    }
  });
});
