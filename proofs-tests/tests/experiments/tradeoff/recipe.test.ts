import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpu64 } from "../../../../backends/cpu/index.ts";
import { flagsOf } from "../../../../cli/flags.ts";
import { optimizerFlag, optimizerFrom } from "../../../../cli/model.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { methodByName } from "../../../experiments/tradeoff/method.ts";
import { betterThan } from "../../../experiments/tradeoff/ranking.ts";
import { type Study, summaryOf } from "../../../experiments/tradeoff/study.ts";

const recipe = "robe";

/** What was tried beside `reference` in a study of docs/tradeoff.md, and is shown to be better. */
function betterIn(name: string, reference: string): string[] {
  const path = new URL(`../../../../docs/data/tradeoff/${name}.json`, import.meta.url);
  const { rows } = summaryOf(JSON.parse(readFileSync(path, "utf8")) as Study);
  expect(rows.some(({ method }) => method === reference)).toBe(true);
  return betterThan(rows, reference).map(({ method, compression }) => `${method} at ${compression}`);
}

describe("the recommended recipe, `robe` with no options and Adagrad,", () => {
  it("is the default of the command line and of the library: blocks of a row, independent signs, circular starts", () => {
    const setting = { tables: [5000, 70], dim: 8, backend: cpu64, seed: 3 };
    const made = methodByName(recipe).fitTo(1200, setting)(setting);
    const laws = { block: 8, sign: "independent", index: "circular", hash: "mersenne61" } as const;
    const spelled = robe({ memorySize: 300, ...laws })(setting);
    const unspelled = robe({ memorySize: 300 })(setting);
    expect([made.bytes, made.memorySize]).toEqual([1200, 300]);
    fc.assert(
      fc.property(fc.nat(4999), fc.nat(7), (row, column) => {
        const expected = spelled.scheme!.slotsOf(0, row, column);
        for (const { scheme } of [made, unspelled]) expect(scheme!.slotsOf(0, row, column)).toEqual(expected);
      }),
    );
    const { optimizer } = flagsOf({ optimizer: optimizerFlag }, {});
    expect(optimizerFrom(optimizer, undefined, undefined)).toMatchObject({
      name: "adagrad",
      learningRate: 0.05,
    });
  });

  it("is beaten by nothing that was tried beside it where the signal fits", () => {
    expect(betterIn("iterations", recipe)).toEqual([]);
    expect(betterIn("fits", recipe)).toEqual([]);
  });

  it("is beaten by halves alone of what was tried first where it does not: twice the weights in the same bytes", () => {
    expect(betterIn("variants", recipe).length).toBeGreaterThan(0);
    expect(betterIn("variants", recipe).filter(inFloats)).toEqual([]);
  });

  it("is beaten by rows of one float where ids are rare: of a half each at a tenth of the memory, of four bits at a hundredth", () => {
    const better = betterIn("few-bits", "robe:storage=f16");
    const rows = "robe:index=balanced:storage=";
    expect(better).toContain(`${rows}f16:rounding=stochastic:row-floats=1 at 10`);
    expect(better).toContain(`${rows}int4:row-floats=1 at 100`);
    expect(better.filter((method) => method.endsWith(" at 1000"))).toEqual([]);
  });

  it.each(["robe:optimizer=sgd", "robe:table-scale"])(
    "could not be %s: the same check finds better",
    (other) => expect(betterIn("variants", other).filter(inFloats)).not.toEqual([]),
  );
});

const inFloats = (method: string) => !method.includes("storage=f16");
