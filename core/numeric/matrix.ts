/** x · y */
export function dot(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
}

/** ‖x‖² */
export const squared = (x: ArrayLike<number>): number => dot(x, x);

/** Columns made orthonormal, in order; those that depend on earlier ones are left out (Gram & Schmidt, twice over). */
export function orthonormal(columns: readonly Float64Array[]): Float64Array[] {
  const basis: Float64Array[] = [];
  for (const column of columns) {
    const size = Math.sqrt(squared(column));
    let rest = column;
    for (let pass = 0; pass < 2; pass++) {
      for (const u of basis) {
        const along = dot(rest, u);
        rest = rest.map((v, i) => v - along * u[i]!);
      }
    }
    const left = Math.sqrt(squared(rest));
    if (left > 1e-6 * size) basis.push(rest.map((v) => v / left));
  }
  return basis;
}

/** Eigenvalues of a symmetric matrix, ascending, by Jacobi's rotations. */
export function eigenvalues(matrix: readonly Float64Array[]): Float64Array {
  const a = matrix.map((row) => row.slice());
  const n = a.length;
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p]![q]! ** 2;
    if (off < 1e-26 * a.reduce((sum, row, i) => sum + row[i]! ** 2, 1e-300)) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, p, q);
  }
  return Float64Array.from(a, (row, i) => row[i]!).sort();
}

function rotate(a: Float64Array[], p: number, q: number): void {
  const apq = a[p]![q]!;
  if (apq === 0) return;
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(1, theta));
  const c = 1 / Math.hypot(1, t);
  const s = t * c;
  for (const row of a) [row[p], row[q]] = [c * row[p]! - s * row[q]!, s * row[p]! + c * row[q]!];
  const [rp, rq] = [a[p]!.slice(), a[q]!.slice()];
  a[p]!.set(rp.map((v, i) => c * v - s * rq[i]!));
  a[q]!.set(rq.map((v, i) => s * rp[i]! + c * v));
}

/** ‖left − right‖_F² */
export const squaredDistance = (left: readonly Float64Array[], right: readonly Float64Array[]): number =>
  left.reduce((sum, row, a) => sum + squared(row.map((v, b) => v - right[a]![b]!)), 0);

export const identity = (size: number): Float64Array[] =>
  Array.from({ length: size }, (_, a) => Float64Array.from({ length: size }, (_, b) => (a === b ? 1 : 0)));

/** [⟨left_a, right_b⟩] */
export const products = (left: readonly Float64Array[], right: readonly Float64Array[]): Float64Array[] =>
  left.map((a) => Float64Array.from(right, (b) => dot(a, b)));
