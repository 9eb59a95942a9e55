import { type FormCall, instrument } from "../../backends/instrument.ts";
import type { Backend, Limits } from "../../core/backend.ts";
import { sgd } from "../../core/optimizers/sgd.ts";
import { dlrm } from "../../models/dlrm/dlrm.ts";
import { trainStep } from "../../models/dlrm/train.ts";
import { milliseconds } from "./bench.ts";
import { type BenchShape, randomBatch } from "./cases.ts";

/** What a training step is made of, in the order in which it happens. */
const partNames = [
  "bottom",
  "hash",
  "gather",
  "interaction",
  "top",
  "loss",
  "top, backward",
  "interaction, backward",
  "bottom, backward",
  "scatter",
  "optimizer",
  "the rest of the host",
] as const;
type PartName = (typeof partNames)[number];

/** One part of an average step. */
export interface Part {
  readonly part: PartName;
  readonly milliseconds: number;
  /** Additions and multiplications; bytes read and written at least. */
  readonly flops: number;
  readonly bytes: number;
}

/** The part that an event belongs to, given the one before it: the order of a DLRM's forms tells. */
function partAfter(before: PartName, kind: FormCall["kind"]): PartName {
  if (kind === "gather") return "gather";
  if (kind === "update") return "optimizer";
  if (before === "optimizer" || before === "scatter" || kind === "scatter") return "scatter";
  if (kind === "arrange" || kind === "pairs" || kind === "mix")
    return ["gather", "interaction"].includes(before) ? "interaction" : "interaction, backward";
  if (kind === "matmul") {
    if (before === "interaction") return "top";
    if (before === "loss") return "top, backward";
    return before === "interaction, backward" ? "bottom, backward" : before;
  }
  return before === "top" ? "loss" : before;
}

/** An average of `steps` training steps of plain SGD, cut into parts. */
export async function profile(shape: BenchShape, backend: Backend, steps: number): Promise<Part[]> {
  const events: FormCall[] = [];
  const { backend: own } = instrument(backend, (event) => void events.push(event));
  const model = dlrm({ ...shape.model, embedding: shape.embedding, backend: own, seed: 1 });
  const rows = randomBatch(shape);
  const optimizer = sgd(1e-3);
  for (let t = 1; t <= 3; t++) await trainStep(model, rows, t, { optimizer });
  const sums = new Map(partNames.map((part) => [part, { part, milliseconds: 0, flops: 0, bytes: 0 }]));
  const add = (part: PartName, milliseconds: number, flops = 0, bytes = 0) => {
    const sum = sums.get(part)!;
    sum.milliseconds += milliseconds / steps;
    sum.flops += flops / steps;
    sum.bytes += bytes / steps;
  };
  for (let t = 1; t <= steps; t++) {
    events.length = 0;
    const began = performance.now();
    await trainStep(model, rows, t + 3, { optimizer });
    let [part, end]: [PartName, number] = ["bottom", began];
    for (const { kind, from, to, flops, bytes } of events) {
      part = partAfter(part, kind);
      add(part === "gather" ? "hash" : "the rest of the host", from - end); // a lookup is made just before its gather
      add(part, to - from, flops, bytes);
      end = to;
    }
    add("the rest of the host", performance.now() - end);
  }
  model.free();
  return [...sums.values()];
}

/** The parts of a step as lines for people: time, share, and speed beside the machine's limits where they are known. */
export function anatomy(parts: readonly Part[], limits: Limits | undefined): string[] {
  const total = parts.reduce((sum, part) => sum + part.milliseconds, 0);
  const lines = parts.map(({ part, milliseconds: ms, flops, bytes }) => {
    const byFlops = flops > 4 * bytes; // fewer a byte than that and memory is what it waits for
    const rate = ms === 0 ? 0 : (byFlops ? flops : bytes) / ms / 1e6;
    const limit = byFlops ? limits?.gflops : limits?.gigabytes;
    const speed = rate === 0 ? "" : `${rate.toPrecision(3)} ${byFlops ? "GFLOP/s" : "GB/s"}`;
    const share =
      limit === undefined || rate === 0 ? "" : `${((100 * rate) / limit).toFixed(0)} % of the limit`;
    const cells = [`${milliseconds(ms).padStart(8)} ms`, `${((100 * ms) / total).toFixed(1).padStart(5)} %`];
    return `${part.padEnd(22)} ${cells.join(" ")}  ${speed.padEnd(14)} ${share}`.trimEnd();
  });
  lines.push(`${"a step".padEnd(22)} ${milliseconds(total).padStart(8)} ms`);
  if (limits)
    lines.push(
      `limits of this machine, measured now: ${limits.gflops.toPrecision(3)} GFLOP/s multiplying and adding, ${limits.gigabytes.toPrecision(3)} GB/s copying`,
    );
  return lines;
}
