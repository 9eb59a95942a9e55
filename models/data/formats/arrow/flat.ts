/**
 * A table of a flatbuffer (Google's format, in which Arrow writes what it says of its data). Its fields are found by their
 * number; one that is absent has its default.
 * @throws RangeError (each method) for what lies outside of the bytes, of which no method reads more than there are.
 */
export class Table {
  private readonly view: DataView;
  private readonly at: number;
  private readonly fields: number;
  private readonly fieldsEnd: number;

  constructor(view: DataView, at: number) {
    this.view = view;
    this.at = at;
    this.fields = at - view.getInt32(at, true);
    this.fieldsEnd = this.fields + view.getUint16(this.fields, true);
  }

  /** The table that these bytes are. */
  static root(bytes: Uint8Array): Table {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new Table(view, view.getUint32(0, true));
  }

  byte(field: number): number {
    return this.read(field, 0, (at) => this.view.getUint8(at));
  }

  short(field: number): number {
    return this.read(field, 0, (at) => this.view.getInt16(at, true));
  }

  int(field: number): number {
    return this.read(field, 0, (at) => this.view.getInt32(at, true));
  }

  /** A number of 64 bits, which must be a count. */
  long(field: number): number {
    return this.read(field, 0, (at) => count(this.view, at));
  }

  table(field: number): Table | undefined {
    return this.read(field, undefined, (at) => new Table(this.view, this.pointed(at)));
  }

  text(field: number): string {
    return this.read(field, "", (at) => {
      const { from, length } = this.vector(at, 1);
      const bytes = new Uint8Array(this.view.buffer, this.view.byteOffset + from, length);
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    });
  }

  /** A list of tables. */
  tables(field: number): Table[] {
    return this.read(field, [], (at) => {
      const { from, length } = this.vector(at, 4);
      return Array.from({ length }, (_, i) => new Table(this.view, this.pointed(from + 4 * i)));
    });
  }

  /** Of a list of structs, which take `width` times 64 bits each, the first `used` of these, which are counts. */
  counts(field: number, width: number, used = width): number[] {
    return this.read(field, [], (at) => {
      const { from, length } = this.vector(at, 8 * width);
      const place = (i: number) => from + 8 * (width * Math.floor(i / used) + (i % used));
      return Array.from({ length: used * length }, (_, i) => count(this.view, place(i)));
    });
  }

  private read<Value>(field: number, otherwise: Value, of: (at: number) => Value): Value {
    const entry = this.fields + 4 + 2 * field;
    const offset = entry + 2 <= this.fieldsEnd ? this.view.getUint16(entry, true) : 0;
    return offset === 0 ? otherwise : of(this.at + offset);
  }

  private pointed(at: number): number {
    return at + this.view.getUint32(at, true);
  }

  private vector(at: number, width: number): { from: number; length: number } {
    const start = this.pointed(at);
    const length = this.view.getUint32(start, true);
    if (length * width > this.view.byteLength - start - 4)
      throw new RangeError("a list is longer than what holds it");
    return { from: start + 4, length };
  }
}

/** The number from 0 up of 64 bits at `at`. */
function count(view: DataView, at: number): number {
  const x = Number(view.getBigInt64(at, true));
  if (!Number.isSafeInteger(x) || x < 0) throw new RangeError("a count is none");
  return x;
}
