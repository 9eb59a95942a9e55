/** A writer of Parquet files as small as the format allows: plain values, nothing packed. */

/** A column of the format's types; all of them may be null. */
export interface Column {
  readonly name: string;
  readonly type: keyof typeof types;
  readonly values: readonly (string | number | bigint | boolean | null)[];
}

const types = { boolean: 0, int64: 2, double: 5, text: 6 };

/** Fields of a struct in Thrift's compact protocol: number, and what it holds. */
type Field = readonly [
  number,
  { i32: number } | { i64: number } | { text: string } | { struct: Field[] } | List,
];
type List = { list: readonly number[] } | { list: readonly string[] } | { list: readonly Field[][] };

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}
const zigzag = (value: number) => varint(value * 2); // nothing here is negative
const textBytes = (text: string) => [...varint(Buffer.byteLength(text)), ...Buffer.from(text)];

function struct(fields: readonly Field[]): number[] {
  let before = 0;
  const bytes = fields.flatMap(([number, value]) => {
    const start = (type: number) => ((number - before) << 4) | type;
    const [type, body] =
      "i32" in value
        ? [5, zigzag(value.i32)]
        : "i64" in value
          ? [6, zigzag(value.i64)]
          : "text" in value
            ? [8, textBytes(value.text)]
            : "struct" in value
              ? [12, struct(value.struct)]
              : [9, list(value.list)];
    const head = start(type);
    before = number;
    return [head, ...body];
  });
  return [...bytes, 0];
}

function list(items: readonly (number | string | Field[])[]): number[] {
  const [first] = items;
  const type = typeof first === "number" ? 5 : typeof first === "string" ? 8 : 12;
  const body = items.flatMap((item) =>
    typeof item === "number" ? zigzag(item) : typeof item === "string" ? textBytes(item) : struct(item),
  );
  return [0xf0 | type, ...varint(items.length), ...body];
}

/** Bits in bytes, the first one lowest. */
const packedBits = (bits: readonly boolean[]) =>
  Array.from({ length: Math.ceil(bits.length / 8) }, (_, i) =>
    bits.slice(8 * i, 8 * i + 8).reduce((byte, bit, j) => byte | (Number(bit) << j), 0),
  );

function plain({ type, values }: Column): Buffer {
  const there = values.filter((value) => value !== null);
  if (type === "boolean") return Buffer.from(packedBits(there as boolean[]));
  return Buffer.concat(
    there.map((value) => {
      if (type === "text") {
        const bytes = Buffer.from(value as string);
        const length = Buffer.alloc(4);
        length.writeUInt32LE(bytes.length);
        return Buffer.concat([length, bytes]);
      }
      const bytes = Buffer.alloc(8);
      if (type === "int64") bytes.writeBigInt64LE(BigInt(value as bigint));
      else bytes.writeDoubleLE(value as number);
      return bytes;
    }),
  );
}

/** A page with all values of a column. */
function page(column: Column): Buffer {
  const bits = packedBits(column.values.map((value) => value !== null));
  const run = Buffer.from([...varint(bits.length * 2 + 1), ...bits]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(run.length);
  const data = Buffer.concat([length, run, plain(column)]);
  const counts: Field = [
    5,
    {
      struct: [
        [1, { i32: column.values.length }],
        [2, { i32: 0 }],
        [3, { i32: 3 }],
        [4, { i32: 3 }],
      ],
    },
  ];
  const header = struct([[1, { i32: 0 }], [2, { i32: data.length }], [3, { i32: data.length }], counts]);
  return Buffer.concat([Buffer.from(header), data]);
}

/** The bytes of a file of these columns, in row groups of so many rows. Each claims to have `claimed` more. */
export function parquetBytes(columns: readonly Column[], groupSize: number, claimed = 0): Buffer {
  const rows = columns[0]!.values.length;
  const parts: Buffer[] = [Buffer.from("PAR1")];
  let at = 4;
  const groups: Field[][] = [];
  for (let from = 0; from < rows; from += groupSize) {
    const size = Math.min(groupSize, rows - from);
    const chunks: Field[][] = columns.map((column) => {
      const bytes = page({ ...column, values: column.values.slice(from, from + size) });
      const about: Field[] = [
        [1, { i32: types[column.type] }],
        [2, { list: [0] }],
        [3, { list: [column.name] }],
        [4, { i32: 0 }],
        [5, { i64: size }],
        [6, { i64: bytes.length }],
        [7, { i64: bytes.length }],
        [9, { i64: at }],
      ];
      parts.push(bytes);
      at += bytes.length;
      return [
        [2, { i64: at - bytes.length }],
        [3, { struct: about }],
      ];
    });
    groups.push([
      [1, { list: chunks }],
      [2, { i64: at }],
      [3, { i64: size + claimed }],
    ]);
  }
  const schema: Field[][] = [
    [
      [4, { text: "root" }],
      [5, { i32: columns.length }],
    ],
    ...columns.map(({ name, type }): Field[] => [
      [1, { i32: types[type] }],
      [3, { i32: 1 }],
      [4, { text: name }],
      ...(type === "text" ? [[6, { i32: 0 }] as Field] : []),
    ]),
  ];
  const footer = Buffer.from(
    struct([
      [1, { i32: 1 }],
      [2, { list: schema }],
      [3, { i64: rows }],
      [4, { list: groups }],
    ]),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([...parts, footer, length, Buffer.from("PAR1")]);
}
