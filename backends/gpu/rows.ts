import type { MatmulForm } from "../../core/form.ts";
import { applied, loop } from "./text.ts";

/** Rows of C that one cell computes. */
export const rowsAtOnce = 4;

/**
 * The product in the arrangement that gpu.js's WebAssembly mode runs fastest: a cell makes four rows of one column, so
 * that each element of B is read once for four products, and neighboring cells read neighbors of B. So B must be
 * stored [k × m]. Returns source text for an output of m × ⌈n / 4⌉ cells of four.
 */
export function matmulRows({ n, k, m, transposeA, bias, f }: MatmulForm): string {
  const rows = Array.from({ length: rowsAtOnce }, (_, r) => r);
  // A row beyond the last is computed as the last one again, and dropped.
  const row = (r: number) =>
    `const row${r} = Math.min(this.thread.y * ${rowsAtOnce} + ${r}, ${n - 1})${transposeA ? "" : ` * ${k}`};`;
  const a = (r: number) => (transposeA ? `in0[l * ${n} + row${r}]` : `in0[row${r} + l]`);
  const body = [
    "const column = this.thread.x;",
    ...rows.map(row),
    ...rows.map((r) => `let sum${r} = ${bias ? "in2[column]" : "0"};`),
    loop(
      "l",
      k,
      [`const b = in1[l * ${m} + column];`, ...rows.map((r) => `sum${r} += ${a(r)} * b;`)].join("\n"),
    ),
    ...rows.map((r) => `const out${r} = ${f ? applied(f, [`sum${r}`]) : `sum${r}`};`),
    `return [${rows.map((r) => `out${r}`).join(", ")}];`,
  ];
  return `function (${bias ? "in0, in1, in2" : "in0, in1"}) {\n${body.join("\n")}\n}`;
}

/** The rows of such a result, one after another. */
export function flatten(groups: readonly (readonly Float32Array[])[], n: number, m: number): Float32Array {
  const out = new Float32Array(n * m);
  for (const [group, cells] of groups.entries()) {
    const rows = Math.min(rowsAtOnce, n - group * rowsAtOnce);
    for (let column = 0; column < m; column++) {
      const cell = cells[column]!;
      for (let r = 0; r < rows; r++) out[(group * rowsAtOnce + r) * m + column] = cell[r]!;
    }
  }
  return out;
}

/** A matrix [rows × columns] stored by its columns. */
export function transposed(x: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(x.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = x[i * columns + j]!;
  return out;
}
