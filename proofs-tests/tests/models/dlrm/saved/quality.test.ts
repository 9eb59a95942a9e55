import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../../../../core/errors.ts";
import type { AboutGiven } from "../../../../../models/dlrm/saved/about.ts";
import { describe as described } from "../../../../../models/dlrm/saved/load.ts";
import { checkQuality, partQuality } from "../../../../../models/dlrm/saved/quality.ts";
import { save } from "../../../../../models/dlrm/saved/save.ts";
import { metrics } from "../../../../../models/metrics/metrics.ts";
import { model } from "../tiny-model.ts";
import { path, refusal, rewrite } from "./changed-file.ts";

const some = metrics([0, 1, 1, 0, 1], [0.2, 0.9, 0.3, 0.4, 0.6]);
const quality = { validation: partQuality(some), test: partQuality(metrics([0, 1, 0], [0.1, 0.2, 0.3])) };
const ended = { step: 9, early: false, shift: -0.5 };
const about: AboutGiven = { quality, training: { step: 7, ended }, version: "1.2.3" };

/** Every value that JSON has, as a change of one place of `of`: [changed, the place's name, what stands there now]. */
const damaged = (of: object) => {
  const places: (readonly string[])[] = [];
  const walk = (value: unknown, at: readonly string[]) => {
    if (at.length > 0) places.push(at);
    if (typeof value === "object" && value !== null)
      for (const [name, each] of Object.entries(value)) walk(each, [...at, name]);
  };
  walk(of, []);
  return fc
    .tuple(fc.constantFrom(...places), fc.oneof(fc.constant(undefined), fc.jsonValue()))
    .map(([at, value]) => {
      const copy = structuredClone(of) as Record<string, unknown>;
      const parent = at.slice(0, -1).reduce((node, name) => node[name] as Record<string, unknown>, copy);
      if (value === undefined) delete parent[at.at(-1)!];
      else parent[at.at(-1)!] = value;
      return JSON.parse(JSON.stringify(copy)) as unknown;
    });
};

const isShare = (x: unknown) => typeof x === "number" && x >= 0 && x <= 1;
const isPositive = (x: unknown) => typeof x === "number" && x >= 0;

/** Whether it is what this program could have written: by its own words, not by the check's. */
function isSound(value: unknown): boolean {
  const { validation, test, ...rest } = value as Record<string, Record<string, unknown>>;
  return (
    Object.keys(rest).length === 0 &&
    [validation, test].every((part) => {
      if (typeof part !== "object" || part === null) return false;
      const { rows, baseRate, auc, logLoss, normalizedEntropy, calibration, ...more } = part;
      if (Object.keys(more).length > 0 || !Number.isSafeInteger(rows) || (rows as number) < 1) return false;
      if (!isShare(baseRate) || !isPositive(logLoss)) return false;
      if ([normalizedEntropy, calibration].some((x) => x !== null && !isPositive(x))) return false;
      if (auc === null) return true;
      const {
        value: middle,
        interval,
        ...others
      } = (typeof auc === "object" ? auc : {}) as Record<string, unknown>;
      const ends = Array.isArray(interval) && interval.length === 2 ? interval : [];
      return (
        Object.keys(others).length === 0 &&
        isShare(middle) &&
        ends.length === 2 &&
        ends.every(isShare) &&
        ends[0] <= (middle as number) &&
        (middle as number) <= ends[1]
      );
    })
  );
}

describe("quality in a file", () => {
  beforeAll(() => save(path, model({}), about));

  it("comes back as it was, with what is undefined as null", async () => {
    const found = await described(path);
    expect(found.quality).toEqual(quality);
    expect([found.training, found.version]).toEqual([about.training, "1.2.3"]);
    expect(quality.validation).toEqual({
      ...{ rows: 5, baseRate: 0.6, logLoss: some.logLoss, normalizedEntropy: some.normalizedEntropy },
      ...{ calibration: some.calibration, auc: { value: some.auc.value, interval: some.auc.interval } },
    });
    const oneLabel = partQuality(metrics([0, 0], [0.1, 0.2]));
    expect(oneLabel).toMatchObject({ rows: 2, auc: null, normalizedEntropy: null, calibration: null });
    checkQuality({ validation: oneLabel, test: oneLabel });
  });

  it("that is damaged is refused in a sentence, and only that", () => {
    fc.assert(
      fc.property(damaged(quality), (changed) => {
        let said: unknown;
        try {
          checkQuality(changed);
        } catch (error) {
          said = error;
        }
        expect(said === undefined, JSON.stringify(changed)).toBe(isSound(changed));
        if (said !== undefined) {
          expect(said).toBeInstanceOf(InputError);
          expect((said as Error).message).not.toMatch(/\n|undefined/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['"logLoss":', '"logLos":', "must have rows, baseRate, auc, logLoss"],
    ['"rows":5', '"rows":0', "the number of rows of its quality on the rows to choose by must be"],
    ['"rows":3', '"rows":2.5', "the number of rows of its quality on the test rows must be"],
    [/"interval":\[[^\]]*\]/, '"interval":[0.1]', "has no interval"],
    [/"interval":\[[^\]]*\]/, '"interval":[0.1,0.2]', "is not in its interval"],
    ['"version":"1.2.3"', '"version":5', "its version is no text"],
    ['"ended":{"step":9', '"ended":{"step":6', "the last step of its training must be"],
    ['"early":false', '"early":0', "whether its training ended early"],
    ['"shift":-0.5', '"shift":null', "how far its logit was moved must be"],
    ['"shift":-0.5', '"shift":-0.5,"more":1', "must have step, early and shift and nothing else"],
  ])("%s that becomes %s is refused", async (was, becomes, sentence) => {
    await save(path, model({}), about);
    const within = (text: string) => text.replaceAll('"', '\\"');
    const pattern = typeof was === "string" ? within(was) : /\\"interval\\":\[[^\]]*\]/;
    rewrite(pattern, within(becomes));
    expect(await refusal()).toContain(sentence);
    await expect(described(path)).rejects.toThrow(sentence);
  });
});
