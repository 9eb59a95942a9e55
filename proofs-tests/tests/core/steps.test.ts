import { describe, expect, it } from "vitest";
import { cpu } from "../../../backends/cpu/index.ts";
import { fast } from "../../../backends/fast/index.ts";
import { gpu } from "../../../backends/gpu/index.ts";
import type { Update } from "../../../core/backend.ts";
import { adagrad } from "../../../core/optimizers/adagrad.ts";
import { rowWiseAdagrad } from "../../../core/optimizers/row-wise-adagrad.ts";
import { stepsOf } from "../../../core/optimizers/steps.ts";
import { parse } from "../../../core/parse.ts";
import { said } from "../models/dlrm/tiny-model.ts";

const stepping = (target: string, expression: string, given: Partial<Update> = {}): Update => ({
  name: "mine",
  steps: [{ target, expression }],
  state: ["s"],
  hyper: { rate: 1 },
  zeroGradient: "something",
  width: 1,
  ...given,
});
const refusal = (update: Update) => said(() => stepsOf(update));

describe("the steps of an optimizer", () => {
  it("are trees of their texts, parsed once", () => {
    const { steps, state } = adagrad(0.1);
    const update = (hyper: Update["hyper"]): Update =>
      stepping("", "", { steps, state: state.map(({ name }) => name), hyper });
    const first = stepsOf(update({ rate: 1, eps: 2 }));
    const names = ["w", "g", "meanSquare", "total", "rate", "eps"];
    expect(first).toEqual(
      steps.map(({ target, expression }) => ({ target, expression, tree: parse(expression, names, "It") })),
    );
    expect(stepsOf(update({ rate: 3, eps: 4 }))).toBe(first);
    expect(stepsOf(update({ rate: 3, eps: 4, more: 5 }))).not.toBe(first);
  });

  it.each([
    ["s", "s + cosh(g)", 'The step of mine for "s" cannot be "s + cosh(g)": at column 5 stands "cosh", but'],
    ["w", "w - lr * g", 'at column 5 stands "lr", but the names known here are w, g, meanSquare, s, rate.'],
    ["w", "w -", 'The step of mine for "w" cannot be "w -": at column 4 it ends too early.'],
    ["t", "s", 'A step of mine cannot assign to "t": it is neither "w" nor a state array (s).'],
    ["g", "s", 'A step of mine cannot assign to "g": it is neither "w" nor a state array (s).'],
  ])("are refused where %s becomes %s", (target, expression, sentence) => {
    expect(refusal(stepping(target, expression))).toContain(sentence);
  });

  it("are refused where state is assigned to after the weight, which backends would read before or after", () => {
    const [s, w] = [
      { target: "s", expression: "s + g" },
      { target: "w", expression: "w - s" },
    ];
    stepsOf(stepping("", "", { steps: [s, w] }));
    expect(refusal(stepping("", "", { steps: [w, s] }))).toBe(
      'A step of mine assigns to "s" after "w": put what it assigns to state first, and keep in a state array of its own what "w" needs of the state before.',
    );
  });

  it("know one weight where each has a state of its own, and one mean where weights share it", () => {
    for (const text of ["s + w * g", "s + meanSquare"]) stepsOf(stepping("s", text));
    stepsOf(stepping("w", "w - meanSquare"));
    const wide = { width: 2 };
    stepsOf(stepping("s", "s + meanSquare", wide));
    stepsOf(stepping("w", "w - s * g", wide));
    expect(refusal(stepping("s", "s + g", wide))).toContain("known here are meanSquare, s, rate.");
    expect(refusal(stepping("s", "s + w", wide))).toContain("known here are meanSquare, s, rate.");
    expect(refusal(stepping("w", "w - meanSquare", wide))).toContain("known here are w, g, s, rate.");
  });

  it("of the same texts are parsed anew where weights share state", () => {
    const { steps } = stepping("s", "s + g");
    stepsOf(stepping("", "", { steps }));
    expect(refusal(stepping("", "", { steps, width: 4 }))).toContain('stands "g"');
  });

  it.each([
    [{ state: ["g"] }, 'A step of mine cannot have the name "g" twice.'],
    [{ hyper: { s: 1 } }, 'A step of mine cannot have the name "s" twice.'],
    [{ hyper: { "a-b": 1 } }, 'A step of mine cannot have the name "a-b": a name is'],
    [
      { state: [] },
      'A step of mine cannot assign to "s": it is neither "w" nor a state array (there is none).',
    ],
  ] as const)("have each name once: %j", (given, sentence) => {
    expect(refusal(stepping("s", "1.0", given))).toContain(sentence);
  });

  it("are refused by every backend when they are first asked for, before anything is done", async () => {
    const [threads, device] = [await fast({ threads: 1 }), await gpu({ mode: "cpu" })];
    for (const backend of [cpu, threads, device]) {
      const [w, s, g] = [1, 2, 3].map((value) => backend.upload([value])) as [object, object, object];
      const held = threads.statistics.arrays;
      const step = () => backend.update(stepping("w", "w - cosh(g)"), w, [s], { kind: "dense", values: g });
      expect(said(step)).toContain(
        'The step of mine for "w" cannot be "w - cosh(g)": at column 5 stands "cosh"',
      );
      expect(await backend.read(w)).toEqual(Float32Array.of(1));
      expect(threads.statistics.arrays).toBe(held);
    }
    await Promise.all([threads.destroy(), device.destroy()]);
  });
});

it("every optimizer that keeps one state a row says so in names that rows have", () => {
  const { steps, state, hyper } = rowWiseAdagrad(0.1);
  const names = state.map(({ name }) => name);
  expect(stepsOf(stepping("", "", { steps, state: names, hyper: hyper(1, 0.1), width: 8 }))).toHaveLength(2);
});
