/** A small fault in a file that makes what people read wrong, and the tests that must fail while it is there. */
export interface Planted {
  /** Of the fault, from the root of the repository. */
  readonly file: string;
  /** Text that occurs exactly once in the file, and what the fault puts in its place. */
  readonly was: string;
  readonly becomes: string;
  /** What a reader would be told. */
  readonly tells: string;
  /** A test file of which some test fails; it starts no process and compares no document. */
  readonly seenBy: string;
}

/** What became of a fault: the first test that failed and what it said, or why none did. */
export interface Kill extends Planted {
  readonly test?: string;
  readonly message: string;
}

/** What is kept of a fault that was seen, in docs/data/planted.json. */
export type Recorded = Pick<Planted, "file" | "was" | "becomes"> & Required<Pick<Kill, "test">>;

/** Whether these are runs of one fault. */
export const isSame = (a: Pick<Planted, "file" | "was" | "becomes">, b: typeof a): boolean =>
  a.file === b.file && a.was === b.was && a.becomes === b.becomes;
