/** One library on one backend, with the problem's parameters loaded. */
export interface Peer {
  readonly name: string;
  readonly version: string;
  /** What it could not do, or was helped with. */
  readonly remarks: readonly string[];
  /** Makes the library's settings this peer's own for the time of `work`. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** One SGD step on the batch; returns the loss before it. Absent where it cannot train. */
  step?(): Promise<number>;
  /** [B] probabilities. */
  predict(): Promise<Float32Array>;
  /** A product [n × k] · [k × m], to be called many times. Absent where it has none by itself. */
  matmul?(n: number, k: number, m: number): () => Promise<void>;
  /** Ends what it started and removes what it wrote. Absent where there is nothing of that. */
  close?(): void;
}
