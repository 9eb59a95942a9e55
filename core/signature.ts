import { check } from "./errors.ts";
import { type Shape, showShape } from "./shape.ts";

/** Size of each letter of a signature. */
export type Dims = Readonly<Record<string, number>>;

/**
 * What shapes an op takes and gives: `"n k, k m -> n m"`. A letter has one size wherever it stands. `"..."` stands for
 * any shape: all inputs so marked broadcast together, and an output so marked has their common shape.
 */
export interface Signature {
  readonly text: string;
  readonly inputs: readonly (readonly string[])[];
  readonly output: readonly string[];
}

export const isFree = (axes: readonly string[]): boolean => axes[0] === "...";

export function parseSignature(text: string): Signature {
  const [left, right] = text.split("->");
  check(
    left !== undefined && right !== undefined,
    () => `A signature reads "n k, k m -> n m", not "${text}".`,
  );
  const axes = (part: string) => part.trim().split(/\s+/).filter(Boolean);
  return { text, inputs: left.split(",").map(axes), output: axes(right) };
}

/** The size of each letter, from the shapes of the inputs; an {@link InputError} in the signature's own letters if they clash. */
export function bindSignature(name: string, signature: Signature, shapes: readonly Shape[]): Dims {
  check(
    shapes.length === signature.inputs.length,
    () =>
      `${name} takes ${signature.inputs.length} inputs (${signature.text}), but was given ${shapes.length}.`,
  );
  const dims: Record<string, number> = {};
  signature.inputs.forEach((axes, input) => {
    const shape = shapes[input]!;
    if (isFree(axes)) return;
    check(
      axes.length === shape.length,
      () =>
        `${name} (${signature.text}): input ${input + 1} has shape ${showShape(shape)}, but must have ${axes.length} axes, "${axes.join(" ")}".`,
    );
    axes.forEach((letter, axis) => {
      const size = shape[axis]!;
      const known = dims[letter];
      check(
        known === undefined || known === size,
        () =>
          `${name} (${signature.text}): "${letter}" is ${known} by an earlier input, but ${size} in input ${input + 1} of shape ${showShape(shape)}.`,
      );
      dims[letter] = size;
    });
  });
  return dims;
}
