import type { Update } from "../../core/backend.ts";
import { divide, type Kernel, loop, renamed, usedIn } from "./text.ts";

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
  const { steps, state, hyper, width } = update;
  return steps.map(({ target, expression }) => {
    const isWeight = target === "w";
    const values = usedIn(expression, ["w", "g", ...state]);
    if (masked && !values.includes(target)) values.push(target);
    const meanSquare = usedIn(expression, ["meanSquare"]).length > 0;
    const reads = [
      ...values,
      ...(meanSquare && !values.includes("g") ? ["g"] : []),
      ...(masked ? ["touched"] : []),
    ];
    const numbers = usedIn(expression, Object.keys(hyper));
    const own = (name: string) =>
      values.includes(name) || name === "meanSquare"
        ? `${name}Value`
        : numbers.includes(name)
          ? `${name}Number`
          : undefined;
    const place = (name: string) => (name === "w" || name === "g" ? "cell" : "group");
    const group = isWeight ? divide("cell", width, "group", "inGroup") : "const group = cell;";
    const body = [
      group,
      ...values.map((name) => `const ${name}Value = ${name}Array[${place(name)}];`),
      meanSquare ? meanOfSquares(width) : "",
      masked ? `${visits(width)}\nif (visited < 1) { return ${target}Value; }` : "",
      `return ${renamed(expression, own)};`,
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
