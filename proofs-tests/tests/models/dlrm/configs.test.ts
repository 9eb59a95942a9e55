import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { configByName, configs } from "../../../../models/dlrm/configs.ts";
import { dlrm } from "../../../../models/dlrm/dlrm.ts";
import { interactionSize } from "../../../../models/dlrm/interaction.ts";
import { mlp } from "../../../../models/dlrm/mlp.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { said } from "./tiny-model.ts";

describe("published models", () => {
  /** All parameters of a config with full tables. The MLPs are made; the tables, of up to 105 GB, are counted. */
  function parametersOf(name: string): { rows: number; parameters: number } {
    const { tables, dim, dense, bottom, top } = configs[name]!;
    const rows = tables.reduce((a, b) => a + b);
    const setting = { interaction: "dot", itself: false } as const;
    const layers = [
      mlp("bottom", [dense, ...bottom], { logit: false, seed: 0, backend: cpu }),
      mlp("top", [interactionSize(setting, tables.length, dim), ...top], {
        logit: true,
        seed: 0,
        backend: cpu,
      }),
    ].flatMap(({ parameters }) => parameters);
    return { rows, parameters: layers.reduce((n, p) => n + p.size, rows * dim) };
  }

  it("have the published numbers of rows and parameters", () => {
    const kaggle = parametersOf("criteo-kaggle");
    expect(kaggle.rows).toBe(33_762_577);
    expect((kaggle.rows * configs["criteo-kaggle"]!.dim) / 1e6).toBeCloseTo(540.2, 1);
    expect(kaggle.parameters / 1e6).toBeCloseTo(540.7, 1); // with the MLPs
    const terabyte = parametersOf("criteo-tb");
    expect(terabyte.rows).toBe(204_184_588);
    expect(terabyte.parameters / 1e9).toBeCloseTo(26.14, 2);
  });

  it("are made at any compression", () => {
    for (const config of Object.values(configs)) {
      const small = dlrm({ ...config, embedding: robe({ compression: 100_000 }), backend: cpu });
      expect(small.embedding.virtualSize).toBe(config.tables.reduce((a, b) => a + b) * config.dim);
      expect(small.embedding.memorySize).toBe(Math.floor(small.embedding.virtualSize / 100_000));
      small.free();
    }
  });

  it("are those listed and no others", () => {
    expect(configByName("criteo-tb")).toBe(configs["criteo-tb"]);
    for (const name of ["constructor", "__proto__", "toString", "criteo"])
      expect(said(() => configByName(name))).toBe(
        `There is no config "${name}"; choose one of criteo-kaggle, criteo-tb.`,
      );
  });
});
