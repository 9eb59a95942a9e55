import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cpu } from "../../../backends/cpu/index.ts";
import type { Backend, DeviceBackend } from "../../../core/backend.ts";
import { elementwise } from "../../../core/ops/elementwise.ts";
import { exp, relu } from "../../../core/ops/functions.ts";
import { scalar } from "../../../core/scalar.ts";
import { liveTensors, tensor } from "../../../core/tensor.ts";
import { conformOn } from "../../golden/check.ts";
import { hardLaws } from "../../laws/hard-forms.ts";
import { trainLong } from "../../laws/long-run.ts";
import type { WorstTable } from "../../laws/table.ts";
import { claimsAsTests, type Finding } from "../../laws/verify.ts";
import { bitsOf, model } from "../models/dlrm/tiny-model.ts";
import { seed } from "../seed.ts";

const folder = join(import.meta.dirname, "../../golden/files");
const goldens = (await readdir(folder)).filter((name) => /dlrm-.*\.json$/.test(name));

/** What is tried on one device. */
interface Tried {
  readonly backend: DeviceBackend;
  /** Opens another one like it. */
  readonly open: () => Promise<DeviceBackend>;
  /** What it may say e^NaN is: NaN, and Infinity where a driver says so. */
  readonly expOfNaN: readonly number[];
  readonly table: WorstTable;
}

/** The tests of every backend whose memory or kernels are not the host's own. */
export function deviceTests({ backend, open, expOfNaN, table }: Tried): void {
  bounded(backend, table);
  ownsItsArrays(open, backend.device.software ? 50 : 300);
  movesModels(backend);

  it("does not hide a number that is none", async () => {
    const x = tensor(backend, [3], [Number.NaN, -1, 2]);
    expect([...(await relu(x).data())]).toEqual([Number.NaN, 0, 2]);
    expect((await exp(x).data())[0]).toBeOneOf([...expOfNaN]);
  });

  it.each([
    ["cell", "in0"],
    ["out", "w"],
  ])("lets a scalar function call its inputs what kernels call their own variables: %s, %s", async (a, b) => {
    const f = scalar(`${a}, ${b}`, `${a} * 2.0 + ${b}`);
    const clash = elementwise({ name: "clash", f, vjp: () => [null, null] });
    const [x, y] = [tensor(backend, [2, 1], [1, 2]), tensor(backend, [3], [10, 20, 30])];
    expect([...(await clash(x, y).data())]).toEqual([12, 22, 32, 14, 24, 34]);
    expect([...(await x.data())]).toEqual([1, 2]);
  });
}

function bounded(backend: Backend, table: WorstTable): void {
  const claims = hardLaws.map(({ of, ...law }) => ({ ...law, backend: backend.name, said: of(backend) }));
  const note = ({ law, worst }: Finding) => table.note(law, backend.name, worst!);
  claimsAsTests({ describe, it }, claims, { examples: 1, seed }, note);

  it.each(goldens)("repeats %s", async (file) => {
    const json = JSON.parse(await readFile(join(folder, file), "utf8"));
    const { comparisons, failed, worst } = await conformOn(json, backend);
    expect(comparisons).toBeGreaterThan(10);
    expect(failed).toEqual([]);
    table.note("repeats golden training runs, losses and parameters at every step", backend.name, worst);
  });
}

/** A software imitation of a GPU takes 70 ms for a step in Node; in the browser each mode does all of 1,000. */
function ownsItsArrays(open: () => Promise<DeviceBackend>, steps: number): void {
  it(`trains ${steps} steps with as many arrays after each, and gives all back`, async () => {
    const own = await open();
    const before = liveTensors();
    const run = await trainLong(own, steps);
    await own.destroy();
    expect(run).toMatchObject({ steps, left: 0 });
    expect([run.tensors.length, run.arrays.length]).toEqual([1, 1]);
    expect(run.last.reached).toBe(run.first.reached); // of its memory, where the backend counts that
    expect(run.losses.at(-1)).toBeLessThan(run.losses[0]!);
    expect(liveTensors()).toBe(before);
  });
}

function movesModels(backend: Backend): void {
  it("takes a model from the reference and gives it back, bit for bit", async () => {
    const tiny = model({});
    const there = await tiny.to(backend);
    expect(there.backend.name).toBe(backend.name);
    expect(await bitsOf(await there.to(cpu))).toEqual(await bitsOf(tiny));
  });
}
