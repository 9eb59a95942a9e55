import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { random } from "../../../../core/numeric/random.ts";
import { load } from "../../../../node.ts";
import { temporaryFolder } from "../../temporary.ts";
import { run } from "../command.ts";
import {
  type Click,
  clicks,
  columns,
  dataWords,
  fileOf,
  partsOf,
  seeds,
  small,
  trainedOn,
} from "./clicks.ts";

const filesOf = ({ train, validation, test }: ReturnType<typeof partsOf>) => ({
  ...{ train: fileOf(train), validation: fileOf(validation), test: fileOf(test) },
});

describe.each(seeds)("a training that ends where it gets no better (seed %i)", (seed) => {
  const files = filesOf(partsOf(clicks(3400, seed), 400, 1000));
  const folder = temporaryFolder();
  const words = "--epochs 30 --eval-every 20 --optimizer adam --lr 0.05 --batch 100".split(" ");
  const given = [...small, ...words, "--checkpoint", folder];
  const model = () => readFileSync(join(folder, "model.safetensors"));

  it("keeps the best model, and stays ended however often it goes on", async () => {
    const { code, err } = await run("train", ...dataWords(files), ...columns, ...given, "--patience", "3");
    expect(code).toBe(0);
    const losses = [...err.matchAll(/step (\d+): validation log loss ([\d.]+)/g)].map((m) => [
      +m[1]!,
      +m[2]!,
    ]);
    const least = Math.min(...losses.map(([, loss]) => loss!));
    const first = model();
    const again = await trainedOn(files, ...given, "--patience", "3", "--resume");
    expect(losses.map(([step]) => step)).toEqual(losses.map((_, i) => 20 * (i + 1)));
    expect(again.kept!.value).toBeCloseTo(least, 4);
    expect(again.steps).toBe(again.kept!.step + 3 * 20);
    expect(again.steps).toBe(20 * losses.length);
    const { steps, kept, quality } = await trainedOn(files, ...given, "--patience", "3", "--resume");
    expect({ steps, kept, quality }).toEqual({
      steps: again.steps,
      kept: again.kept,
      quality: again.quality,
    });
    expect(model().equals(first)).toBe(true);
    const later = await run(
      "train",
      ...dataWords(files),
      ...columns,
      ...given,
      "--patience",
      "4",
      "--resume",
    );
    expect(later.err).toMatch(new RegExp(`^step ${steps + 20}: `, "m"));
    expect(later.err).not.toMatch(/^step 20: /m);
  });
});

describe.each(seeds)("clicks that are hardly ever labeled 1 (seed %i)", (seed) => {
  const stream = random(seed, "rare");
  const rare = clicks(3000, seed).map((click) => ({
    ...click,
    label: Number(click.label === 1 && stream.uniform() < 0.01),
  }));
  const [ones, zeros] = [rare.filter(({ label }) => label === 1), rare.filter(({ label }) => label === 0)];
  const parts = partsOf([...zeros, ...ones], 500, 500); // all that are labeled 1 are to train on
  const words = [...small, "--batch", "25"];

  it("train where no other row is labeled 1: log loss is said, AUC is a dash with its reason", async () => {
    const files = filesOf(parts);
    const folder = temporaryFolder();
    const saved = [...words, "--eval-every", "5", "--checkpoint", folder];
    const { quality, notes, rows } = await trainedOn(files, ...saved);
    expect(rows.train.ones).toBe(ones.length);
    expect(quality.logLoss).toBeLessThan(0.05);
    expect(quality.auc.value).toBeNull();
    expect(notes.join()).toContain("all labels of 500 rows are 0");
    const { model } = await load(join(folder, "model.safetensors"));
    expect(model.parameters.length).toBeGreaterThan(0);
    const { code, out } = await run("train", ...dataWords(files), ...columns, ...words);
    expect([code, out]).toEqual([0, expect.stringContaining("AUC –, log loss 0.0")]);
    expect(out).toMatch(/ \(0\.\d\d\d? %\) to train on, 500 \(0 %\) to choose by, 500 \(0 %\) to test on/);
  });

  it("are studied by log loss, and by AUC where each part has some: nothing has diverged", async () => {
    const brief = "--methods full --lr-multipliers 1 --epochs 1 --no-latency --seeds 0 --backend cpu";
    const study = (all: typeof parts) =>
      run(
        "tradeoff",
        ...dataWords(filesOf(all)),
        ...columns,
        ...words,
        ...brief.split(" "),
        "--out",
        temporaryFolder(),
      );
    const byLoss = await study(parts);
    expect(byLoss.err).toMatch(
      /^AUC is undefined: of the 500 rows of ".*" to choose by at seed 0 each is labeled 0\. Methods are judged by log loss; /,
    );
    expect([byLoss.code, byLoss.err]).toEqual([0, expect.not.stringContaining("diverged")]);
    expect(byLoss.out).toMatch(/^1× +full +\S+ \S+ +– +0\.0\d{3} /m);
    const withOne = (rows: readonly Click[], i: number) => [...rows, ones[i]!];
    const { code, out, err } = await study({
      ...{ train: parts.train, validation: withOne(parts.validation, 0), test: withOne(parts.test, 1) },
    });
    expect([code, err]).toEqual([0, expect.not.stringMatching("diverged|undefined")]);
    expect(out).toMatch(/^1× +full +\S+ \S+ +[01]\.\d{4}/m);
    expect(out).toMatch(new RegExp(`${ones.length} \\+ 1 \\+ 1 of them labeled 1`));
  });
});
