import { describe, expect, test } from "vitest";
import { regimeByName, regimes } from "../../../../../models/data/synthetic/regimes.ts";
import { type Planted, synthetic } from "../../../../../models/data/synthetic/synthetic.ts";
import { configs } from "../../../../../models/dlrm/configs.ts";
import { virtualFloats } from "../../../../../models/embeddings/scheme.ts";
import { linearQueriesMemory } from "../../../../../theory/theorems/r05-linear-queries.ts";
import { residualShare } from "../../../../../theory/theorems/r12-lower-bound.ts";
import { said } from "../../dlrm/tiny-model.ts";
import { rows } from "../rows.ts";

const { tables } = configs["criteo-tb"]!;
const dim = 16;
const trained = 1_600_000;

/** m of a compression of 10,000 times. */
const memory = Math.floor(virtualFloats({ tables, dim }) / 10_000);

/** Ids of all tables, of which each has at most `most`. */
const idsUpTo = (most: number) => tables.reduce((n, size) => n + Math.min(size, most), 0);

describe("the regimes at the shape of Criteo-TB, dim 16, 10,000 times smaller", () => {
  test("m is 326,695 floats", () => expect(memory).toBe(326_695));

  test("fits: 735 ids have an effect, whose rows, effects and pairs m is enough for", () => {
    const carriers = idsUpTo(regimes.fits.planted().carriers);
    expect([carriers, carriers * dim, 5 * carriers]).toEqual([735, 11_760, 3_675]);
    expect((carriers * dim) / memory).toBeLessThan(0.0361);
    expect(Math.ceil(linearQueriesMemory(carriers, 0.3, 0.05))).toBe(326_667);
    expect(1 / Math.sqrt(memory)).toBeCloseTo(0.0017, 4);
  });

  test("hard: 521,198 ids have an effect, seen 32 times or more; m keeps less than half of their square", () => {
    const { occurring, fields } = regimes.hard.planted(tables);
    const ids = idsUpTo(occurring);
    expect(ids).toBe(521_198);
    expect(ids / memory).toBeCloseTo(1.6, 1);
    expect((ids * dim) / memory).toBeGreaterThan(25);
    expect(trained / occurring).toBe(32);
    expect(residualShare({ rows: ids, dim: 1, memory })).toBeGreaterThan(0.5);
    expect(linearQueriesMemory(ids, 1, 0.05)).toBeGreaterThan(memory);
    const squares = fields.map((size) => size ** 2);
    const share = squares.map((x) => x / squares.reduce((a, b) => a + b));
    for (const [t, size] of tables.entries())
      expect(share[t]).toBeCloseTo(Math.min(size, occurring) / ids, 12);
  });

  const made = (name: "fits" | "hard", change: Partial<Planted> = {}) =>
    synthetic({ tables, dense: 13, rows: 40_000, seed: 5, ...regimes[name].planted(tables), ...change });

  /** Standard deviation of the logits of all rows. */
  const deviation = ({ probabilities: { train, validation, test } }: ReturnType<typeof made>) => {
    const logits = [...train, ...validation, ...test].map((p) => Math.log(p / (1 - p)));
    const mean = logits.reduce((a, b) => a + b) / logits.length;
    return Math.sqrt(logits.reduce((sum, z) => sum + (z - mean) ** 2, 0) / logits.length);
  };

  test("fits, as drawn: ids carry most of the logit, and only the most frequent ones do", async () => {
    const data = made("fits");
    const { dense, fields, pairs } = data.strengths;
    expect(dense + pairs + fields.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    expect(fields.reduce((a, b) => a + b)).toBeGreaterThan(0.4);
    // A fifth is the dense features'; of the rest a tenth lies in pairs: 0.08, were the parts not correlated by chance.
    expect(Math.abs(pairs - 0.08)).toBeLessThan(0.04);
    expect(deviation(data)).toBeCloseTo(1.6, 6);
    const counts = new Map<number, number>();
    for (const { bags } of await rows(data.train, 1000)) {
      const id = bags[0]![0]!;
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    expect(counts.size).toBeGreaterThan(5_000);
    // The law of ids is that of all ranks, carriers or not: the 32 most frequent take the part that Zipf's law says.
    const frequent = [...counts.values()].sort((a, b) => b - a).slice(0, 32);
    const share = frequent.reduce((a, b) => a + b) / data.train.rows!;
    expect(Math.abs(share - 0.407)).toBeLessThan(6 * Math.sqrt(0.25 / data.train.rows!));
  });

  test("hard, as drawn: no table has more ids than may occur, and all of its ids are drawn alike", async () => {
    const data = made("hard", { occurring: 500 });
    const all = await rows(data.train, 1000);
    const counts = tables.map((_, t) => new Set(all.map(({ bags }) => bags[t]![0]!)).size);
    expect(counts).toEqual(tables.map((size) => Math.min(size, 500)));
    expect(data.strengths.pairs).toBe(0);
    expect(deviation(data)).toBeCloseTo(2.5, 6);
    const drawn = new Uint32Array(500);
    const numbers = new Map<number, number>();
    for (const { bags } of all) {
      const id = bags[0]![0]!;
      if (!numbers.has(id)) numbers.set(id, numbers.size);
      drawn[numbers.get(id)!]!++;
    }
    for (const count of drawn)
      expect(Math.abs(count - all.length / 500)).toBeLessThan(6 * Math.sqrt(all.length / 500));
  });

  test("a regime that there is not is named, with those that there are", () => {
    expect(said(() => regimeByName("soft"))).toBe(
      'There is no regime "soft" of synthetic clicks; choose one of fits, hard, criteo-like.',
    );
    expect(said(() => regimeByName("toString"))).toContain("toString");
  });
});

describe("the regime like Criteo-Kaggle", () => {
  const { rows: wanted, shape, planted } = regimes["criteo-like"];
  const { tables: small, dense } = shape;
  const effects = planted(small);

  test("has a sixteenth of its tables, those of up to 100 rows whole, and of its rows", () => {
    const kaggle = configs["criteo-kaggle"]!;
    expect(small).toEqual(kaggle.tables.map((size) => (size > 100 ? Math.round(size / 16) : size)));
    expect(dense).toBe(kaggle.dense);
    expect(wanted / 45_840_617).toBeCloseTo(1 / 16, 2);
    expect(small.reduce((a, b) => a + b)).toBe(2_110_257);
    const floats = virtualFloats({ tables: small, dim });
    expect([1000, 100].map((times) => Math.floor(floats / times))).toEqual([33_764, 337_641]);
  });

  test("its frequent ids say most and those of large tables little, which their rows can teach", () => {
    const large = small.flatMap((size, t) => (size < 5000 ? [] : [t]));
    expect(large).toHaveLength(8);
    for (const t of small.keys())
      expect([effects.exponent[t], effects.fading[t], effects.fields[t]]).toEqual(
        large.includes(t) ? [0.3, 0, 0.575] : [1.1, 3, 1],
      );
    expect(large.reduce((n, t) => n + Math.min(small[t]!, effects.occurring[t]!), 0)).toBe(32_000);
    const squares = effects.fields.map((size) => size ** 2);
    const part = large.reduce((sum, t) => sum + squares[t]!, 0) / squares.reduce((a, b) => a + b);
    const share = (1 - effects.denseShare) * (1 - effects.interaction) * part;
    expect(share).toBeCloseTo(0.061, 3);
    // Each id of a large table is seen 600 times in training; p(1−p) is 0.17 on average.
    const [seen, variance] = [(0.8 * wanted) / 4000, (share / 8) * effects.signal ** 2];
    expect(seen).toBe(600);
    expect(seen * 0.17 * variance).toBeGreaterThan(1);
    expect((seen / 100) * 0.17 * variance).toBeLessThan(0.05);
  });

  test("as drawn: the click rate of Criteo-Kaggle, and no more ids than may occur", async () => {
    const data = synthetic({ tables: small, dense, rows: 60_000, seed: 1, ...effects });
    const all = await rows(data.train, 1000);
    const clicks = all.reduce((sum, { label }) => sum + label, 0) / all.length;
    expect(Math.abs(clicks - 0.256)).toBeLessThan(6 * Math.sqrt(0.2 / all.length));
    for (const [t, size] of small.entries()) {
      const count = new Set(all.map(({ bags }) => bags[t]![0]!)).size;
      expect(count).toBeLessThanOrEqual(Math.min(size, 4000));
      if (size >= 5000) expect(count).toBeGreaterThan(3950);
    }
    expect(Math.abs(data.strengths.dense - 0.5)).toBeLessThan(0.1);
    expect(data.best.auc).toBeGreaterThan(0.81);
  });
});
