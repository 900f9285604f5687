import { BrokenRows, type Row, ROW_LIMITS, rowBatches, type RowFormat, type RowSource } from '.';

const columns = {
  sku: { isRequired: true, read: (cell: string) => cell },
  price: { isRequired: false, read: Number },
};

async function* inPieces(text: string | Buffer, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

interface Reading {
  readonly rows: Row[];
  readonly sizes: number[];
  readonly broken?: BrokenRows;
}

async function read(format: RowFormat, source: RowSource, maxRows?: number): Promise<Reading> {
  const rows: Row[] = [];
  const sizes: number[] = [];
  try {
    for await (const batch of rowBatches(source, { format, columns, ...(maxRows && { maxRows }) })) {
      sizes.push(batch.length);
      rows.push(...batch);
    }
    return { rows, sizes };
  } catch (error) {
    return { rows, sizes, broken: error as BrokenRows };
  }
}

const readText = (format: RowFormat, text: string | Buffer, maxRows?: number): Promise<Reading> =>
  read(format, { bytes: inPieces(text, 7) }, maxRows);

const A = { sku: 'A', price: 1 };
const B = { sku: 'B "2", ö', price: 2 };
const written: Record<RowFormat, string> = {
  ndjson: `${JSON.stringify(A)}\n${JSON.stringify(B)}\n`,
  csv: 'sku,price\r\nA,1\r\n"B ""2"", ö",2\r\n',
  json: ` [${JSON.stringify(A)} ,\n ${JSON.stringify(B, null, 2)}]\n`,
};
const formats = Object.keys(written) as RowFormat[];

describe.each(formats)('%s', (format) => {
  it.each([1, 2, 3, 5, 1_000])('is read in pieces of %d bytes', async (size) => {
    const first = format === 'csv' ? 2 : 1;
    for (const mark of ['', '\ufeff'])
      expect(await read(format, { bytes: inPieces(mark + written[format], size) })).toEqual({
        rows: [
          { line: first, value: A },
          { line: first + 1, value: B },
        ],
        sizes: [2],
      });
  });

  it('comes in batches', async () => {
    const row = { ndjson: '{"sku":"A"}\n', csv: 'A\n', json: ',{"sku":"A"}' }[format];
    const all = row.repeat(2 * ROW_LIMITS.batchRows + 7);
    const text = { ndjson: all, csv: `sku\n${all}`, json: `[${all.slice(1)}]` }[format];
    expect((await readText(format, text)).sizes).toEqual([ROW_LIMITS.batchRows, ROW_LIMITS.batchRows, 7]);
  });

  it('comes in smaller batches when rows are large', async () => {
    const word = 'x'.repeat(200_000);
    const line = { ndjson: `{"sku":"${word}"}\n`, csv: `${word}\n`, json: `,{"sku":"${word}"}` }[format];
    const all = line.repeat(20);
    const text = { ndjson: all, csv: `sku\n${all}`, json: `[${all.slice(1)}]` }[format];
    const { sizes } = await read(format, { bytes: inPieces(text, 65_536) });
    expect(sizes.reduce((sum, size) => sum + size)).toBe(20);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4);
  });

  it('is read no further than it is asked for', async () => {
    let taken = 0;
    let isEnded = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from({ ndjson: '', csv: 'sku\n', json: '[{}' }[format]);
        for (; ; taken++) yield Buffer.from({ ndjson: '{"sku":"A"}\n', csv: 'A\n', json: ',{"sku":"A"}' }[format]);
      } finally {
        isEnded = true;
      }
    }
    for await (const batch of rowBatches({ bytes: endless() }, { format, columns })) {
      expect(batch).toHaveLength(ROW_LIMITS.batchRows);
      break;
    }
    expect([taken < ROW_LIMITS.batchRows + 50, isEnded]).toEqual([true, true]);
  });

  it.each([
    ['text/html; charset=utf-8', 'wrong_content_type'],
    ['image/png', 'wrong_content_type'],
    [`text/plain; charset="ISO-8859-1"`, 'wrong_content_type'],
    ['', 'wrong_content_type'],
    ['text/plain; charset=UTF-8', undefined],
    ['application/octet-stream', undefined],
    [undefined, undefined],
  ])('as %s is %s', async (contentType, code) => {
    const { broken } = await read(format, {
      bytes: inPieces(written[format], 99),
      ...(contentType !== undefined && { contentType }),
    });
    expect(broken?.code).toBe(code);
  });

  it('has so many rows at most', async () => {
    const { rows, broken } = await readText(format, written[format], 1);
    expect([rows.length, broken]).toMatchObject([1, { code: 'too_many_rows' }]);
  });

  it('throws on what its source throws', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(written[format].slice(0, 12));
      throw new RangeError('gone');
    }
    expect((await read(format, { bytes: failing() })).broken).toEqual(new RangeError('gone'));
  });
});

it.each<[string, RowFormat, string | Buffer, string[]]>([
  [
    'text',
    'json',
    '[1,"a],[",null,[{}],true,{"a":1}]',
    ['not_an_object', 'not_an_object', 'not_an_object', 'not_an_object', 'not_an_object', 'good'],
  ],
  ['no JSON', 'json', '[{"a":1,},{a:1},{"a":1},{"a":1}]', ['invalid_json', 'invalid_json', 'good', 'good']],
  ['nesting', 'json', `[{"a":${'['.repeat(40)}${']'.repeat(40)}},{"a":1}]`, ['too_deep', 'good']],
  ['a prototype', 'json', '[{"__proto__":{}},{"a":1}]', ['forbidden_key', 'good']],
  ['half a letter', 'json', Buffer.from('[{"a":"\xc3"},{"a":1}]', 'latin1'), ['invalid_utf8', 'good']],
  ['too many bytes', 'json', `[{"a":"${'x'.repeat(400_000)}"},{"a":1}]`, ['line_too_long', 'good']],
  ['escapes', 'json', String.raw`[{"a":"\\\"]},{"},{"a":1}]`, ['good', 'good']],
  ['no JSON', 'ndjson', '{"a":\n{"a":1}\n', ['invalid_json', 'good']],
  ['too many cells', 'csv', 'sku\nA,B\nC\n', ['wrong_cell_count', 'good']],
])('%s is a fault of one row of %s only', async (_, format, text, expected) => {
  const { rows, broken } = await read(format, { bytes: inPieces(text, 1_000) });
  expect(broken).toBeUndefined();
  const codes = rows.map((row) => ('faults' in row ? row.faults[0]?.code : 'good'));
  expect(codes).toEqual(expected);
});

it.each<[RowFormat, string, string, number]>([
  ['json', '', 'empty', 0],
  ['json', ' \n', 'empty', 0],
  ['json', '{"a":1}', 'not_an_array', 0],
  ['json', '<html>', 'not_an_array', 0],
  ['json', '\xff[]', 'not_an_array', 0],
  ['json', '[{"a":1} {"a":2}]', 'broken_array', 1],
  ['json', '[{"a":1},]', 'broken_array', 1],
  ['json', '[,{"a":1}]', 'broken_array', 0],
  ['json', '[{"a":1}]]', 'broken_array', 1],
  ['json', '[{"a":1}}', 'broken_array', 1],
  ['json', '[{"a":1},{"a":2', 'truncated', 1],
  ['json', '[{"a":1}', 'truncated', 1],
  ['json', '[', 'truncated', 0],
  ['ndjson', '', 'empty', 0],
  ['ndjson', '{"a":1}\n{"a":', 'truncated', 1],
  ['csv', '', 'empty', 0],
  ['csv', 'sku,colour\nA,red\n', 'bad_header', 0],
  ['csv', 'price\n1\n', 'bad_header', 0],
  ['csv', 'sku,price\nA,1\nB', 'truncated', 1],
  ['csv', 'sku,price\nA,1\n"B', 'truncated', 1],
])('%s that is %p is broken: %s', async (format, text, code, rows) => {
  const reading = await readText(format, text);
  expect(reading.broken).toBeInstanceOf(BrokenRows);
  expect([reading.broken?.code, reading.rows.length]).toEqual([code, rows]);
});

const AT_THE_END = [
  ['ndjson', '', '{"sku":"A"}\n', '{"sku":'],
  ['csv', 'sku,price\n', 'A,1\n', 'B'],
] as const;

it.each(AT_THE_END)(
  'a last row of %s that is cut is no row, although its batch is full',
  async (format, header, row, cut) => {
    const whole = ROW_LIMITS.batchRows - 1;
    const { rows, broken } = await readText(format, header + row.repeat(whole) + cut);
    expect([broken?.code, broken?.row, rows.length]).toEqual(['truncated', whole + (header ? 2 : 1), whole]);
  },
);

it.each(AT_THE_END)(
  'rows of %s that look like a cut one are rows if others follow, a few a batch',
  async (format, header, row, cut) => {
    const bad = 3 * ROW_LIMITS.batchRows;
    const { rows, sizes, broken } = await readText(format, header + `${cut}\n`.repeat(bad) + row);
    expect([broken, rows.length, rows.at(-1)]).toMatchObject([undefined, bad + 1, { value: { sku: 'A' } }]);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(ROW_LIMITS.batchRows);
  },
);

it('takes the last row without a line feed, and an empty array', async () => {
  expect((await readText('ndjson', '{"a":1}\n{"a":2}')).rows).toHaveLength(2);
  expect((await readText('csv', 'sku\nA\nB')).rows).toHaveLength(2);
  expect(await readText('json', ' [ ] ')).toEqual({ rows: [], sizes: [] });
  expect(await readText('csv', 'sku\n')).toEqual({ rows: [], sizes: [] });
});

it('names the row at which an array breaks', async () => {
  const { broken } = await readText('json', '[{"a":1},{"a":2} 3]');
  expect(broken?.row).toBe(2);
});
