import { check } from "./errors.ts";

/** Sizes of a tensor's axes, outermost first; `[]` is one number. Storage is always row-major and contiguous. */
export type Shape = readonly number[];

export const sizeOf = (shape: Shape): number => shape.reduce((n, d) => n * d, 1);

export const showShape = (shape: Shape): string => `[${shape.join(" × ")}]`;

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

/** Row-major strides: the distance in storage between neighbors along each axis. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!;
  return strides;
}

/** The shape that all `shapes` broadcast to: axes align from the right, an axis of size 1 stretches. */
export function broadcastShape(shapes: readonly Shape[], where: string): Shape {
  const rank = Math.max(...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, axis) => {
    let size = 1;
    for (const shape of shapes) {
      const d = shape[axis - rank + shape.length] ?? 1;
      check(
        d === size || d === 1 || size === 1,
        () =>
          `${where}: shapes ${shapes.map(showShape).join(" and ")} do not broadcast; an axis is ${size} in one and ${d} in the other, and only axes of size 1 stretch.`,
      );
      size = size === 1 ? d : size;
    }
    return size;
  });
}

/** Strides with which to read `shape` as if it had been stretched to `target`: 0 along stretched axes. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const strides = stridesOf(shape);
  return target.map((_, axis) => {
    const own = axis - target.length + shape.length;
    return own < 0 || shape[own] === 1 ? 0 : strides[own]!;
  });
}
