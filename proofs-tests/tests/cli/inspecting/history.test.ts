import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stretchesOf } from "../../../../cli/inspecting/history.ts";
import type { About } from "../../../../models/dlrm/saved/about.ts";

const stretches = (about: Pick<About, "history" | "training">) => stretchesOf(about as About);

const run = { data: "d", rows: 250, from: 0, learningRate: 0.1, batch: 100 };
const of = (from: number | null, to: number | null) => ({ from, to });

describe("stretches of a training", () => {
  it("end where the next one began, the last where the training did, not where its model was kept", () => {
    const training = { step: 5, ended: { step: 12, early: true, shift: 0 } };
    const found = stretches({ history: [run, { ...run, from: 7, learningRate: 0.2 }], training });
    expect(found).toMatchObject([
      { ...of(0, 7), epochs: 7 / 3, learningRate: 0.1 },
      { ...of(7, 12), epochs: 5 / 3, learningRate: 0.2 },
    ]);
    expect(stretches({ history: [run], training: { step: 5 } })).toMatchObject([of(0, 5)]);
  });

  it("count on where a saved model went on, which is named once", () => {
    const warm = { ...run, model: "m", priorSteps: 20 };
    const history = [run, warm, { ...warm, from: 4 }];
    const found = stretches({ history, training: { step: 9, priorSteps: 20 } });
    expect(found).toMatchObject([
      { ...of(0, 20), model: null },
      { ...of(20, 24), model: "m" },
      { ...of(24, 29), model: null },
    ]);
  });

  it("are unknown where the file does not say them, and never run backwards", () => {
    const nothing = {
      ...{ data: null, rows: null, model: null, from: null, to: null },
      ...{ epochs: null, learningRate: null, batch: null },
    };
    expect(stretches({ history: ["made"], training: { step: 2 } })).toEqual([nothing]);
    expect(stretches({ history: [run] })).toMatchObject([{ ...of(null, null), epochs: null }]);
    expect(stretches({ history: [{ ...run, from: 9 }], training: { step: 2 } })).toMatchObject([
      of(null, null),
    ]);
    expect(stretches({})).toEqual([]);
  });

  it("take anything that JSON can say", () => {
    const entry = fc.oneof(
      fc.jsonValue(),
      fc.record({ from: fc.jsonValue(), rows: fc.jsonValue(), priorSteps: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(fc.array(entry), fc.nat(), fc.jsonValue(), (history, step, priorSteps) => {
        for (const { from, to, epochs } of stretches({ history, training: { step, priorSteps } } as never)) {
          expect(from === null).toBe(to === null);
          if (from !== null) expect(to).toBeGreaterThanOrEqual(from);
          expect(epochs === null || (Number.isFinite(epochs) && epochs >= 0)).toBe(true);
        }
      }),
    );
  });
});
