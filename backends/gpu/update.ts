import type { Update } from "../../core/backend.ts";
import { namesIn } from "../../core/expression.ts";
import { stepsOf } from "../../core/optimizers/steps.ts";
import { divide, type Kernel, loop, printed } from "./text.ts";

/** One assignment of an optimizer's step as a kernel that makes the new array of `target`. */
export interface Assignment {
  readonly target: string;
  readonly kernel: Kernel;
  /** What to hand to the kernel, by name: "w", "g", "touched" or a state array. */
  readonly reads: readonly string[];
  /** Which numbers of the step follow, by name. */
  readonly numbers: readonly string[];
}

/**
 * The kernels of one step on `size` weights, in order: a later one reads what an earlier one stored, rounded. With
 * `masked` only entries that `touched` counts as looked up change.
 */
export function assignments(update: Update, size: number, masked: boolean): Assignment[] {
  const { state, hyper, width } = update;
  return stepsOf(update).map(({ target, tree }) => {
    const isWeight = target === "w";
    const used = namesIn(tree);
    const values = ["w", "g", ...state].filter((name) => used.has(name));
    if (masked && !values.includes(target)) values.push(target);
    const meanSquare = used.has("meanSquare");
    const reads = [
      ...values,
      ...(meanSquare && !values.includes("g") ? ["g"] : []),
      ...(masked ? ["touched"] : []),
    ];
    const numbers = Object.keys(hyper).filter((name) => used.has(name));
    const own = (name: string) => (numbers.includes(name) ? `${name}Number` : `${name}Value`);
    const place = (name: string) => (name === "w" || name === "g" ? "cell" : "group");
    const group = isWeight ? divide("cell", width, "group", "inGroup") : "const group = cell;";
    const body = [
      group,
      ...values.map((name) => `const ${name}Value = ${name}Array[${place(name)}];`),
      meanSquare ? meanOfSquares(width) : "",
      masked ? `${visits(width)}\nif (visited < 1) { return ${target}Value; }` : "",
      `return ${printed(tree, own)};`,
    ].join("\n");
    return {
      target,
      reads,
      numbers,
      kernel: {
        kind: `${update.name}'s update of ${target}`,
        arrays: reads.map((name) => `${name}Array`),
        numbers: numbers.map((name) => `${name}Number`),
        size: isWeight ? size : size / width,
        body,
      },
    };
  });
}

const overGroup = (width: number, body: string): string =>
  loop("l", width, body.replaceAll("@", `group * ${width} + l`));

const meanOfSquares = (width: number): string =>
  `let squares = 0;\n${overGroup(width, "squares += gArray[@] * gArray[@];")}\nconst meanSquareValue = squares / ${width};`;

const visits = (width: number): string =>
  `let visited = 0;\n${overGroup(width, "visited += touchedArray[@];")}`;
