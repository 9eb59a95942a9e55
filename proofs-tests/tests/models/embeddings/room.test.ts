import { totalmem } from "node:os";
import { describe, expect, it, vi } from "vitest";
import { cpu, cpu64 } from "../../../../backends/cpu/index.ts";
import { fast } from "../../../../backends/fast/index.ts";
import { HEAP } from "../../../../backends/fast/kernels/job.ts";
import { gpu } from "../../../../backends/gpu/index.ts";
import { hostMemory } from "../../../../backends/host.ts";
import type { Backend } from "../../../../core/backend.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { hashEmbedding } from "../../../../models/embeddings/families/hash-embedding.ts";
import { memcom } from "../../../../models/embeddings/families/memcom.ts";
import { mixedDimension } from "../../../../models/embeddings/families/mixed-dimension.ts";
import { quotientRemainder } from "../../../../models/embeddings/families/quotient-remainder.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { multiHash, rowHash } from "../../../../models/embeddings/families/row-hash.ts";
import { tensorTrain } from "../../../../models/embeddings/families/tensor-train.ts";
import { zerosFor } from "../../../../models/embeddings/room.ts";
import { said } from "../dlrm/tiny-model.ts";

describe("a memory that a backend cannot hold", () => {
  const tables = [2 ** 26, 10];
  const memorySize = 2 ** 28;
  const makers = {
    full: full(),
    robe: robe({ memorySize }),
    rowHash: rowHash({ memorySize }),
    multiHash: multiHash({ memorySize }),
    hashEmbedding: hashEmbedding({ memorySize }),
    memcom: memcom({ memorySize }),
    "memcom of a few rows, each with a weight": memcom({ memorySize: 2 ** 26 + 100 }),
    "robe of a few floats with learned pooling": robe({ memorySize: 10, pooling: "learned" }),
    mixedDimension: mixedDimension({ compression: 1 }),
    "quotientRemainder of sums": quotientRemainder({ collisions: 1 }),
    "quotientRemainder of products": quotientRemainder({ collisions: 1, operation: "mult" }),
    "tensorTrain of whole tables": tensorTrain({ rank: 2 ** 14 }),
  };
  /** Holds a megabyte an array, and takes none of this size. */
  const upload = vi.fn(cpu.upload);
  const small: Backend = { ...cpu, name: "small", largestMemory: () => 1e6, upload };

  it.each(Object.keys(makers) as (keyof typeof makers)[])("is refused before it is made: %s", (name) => {
    const from = performance.now();
    const refusal = said(() => makers[name]({ tables, dim: 4, backend: small, seed: 1 }));
    expect(refusal).toMatch(
      /^A memory of [\d.,]+ million floats takes [\d.]+ [MG]B, but small holds at most 1.00 MB here; take a smaller one \(--compression, --memory-size\), /,
    );
    for (const [values] of upload.mock.calls) expect(values.length).toBeLessThan(1000);
    expect(performance.now() - from).toBeLessThan(500);
  });

  it("is told from one that it holds by the byte, as floats are stored", () => {
    const holds = (backend: Backend, most: number): Backend => ({ ...backend, largestMemory: () => most });
    expect(zerosFor(holds(cpu, 40), 10)).toEqual(new Float32Array(10));
    expect(zerosFor(holds(cpu64, 80), 10)).toEqual(new Float64Array(10));
    expect(zerosFor(holds(cpu, 20), 10, "f16")).toEqual(new Float32Array(10));
    for (const [backend, most, storage] of [
      [cpu, 39, undefined],
      [cpu64, 79, undefined],
      [cpu, 19, "f16"],
    ] as const)
      expect(said(() => zerosFor(holds(backend, most), 10, storage))).toMatch(
        new RegExp(
          `takes ${most + 1} B, but .* --lazy-rows\\)${storage ? "" : ", halves \\(--storage f16\\)"} or another`,
        ),
      );
  });

  it("is refused where the machine does not give it, though no bound was known", () => {
    const { largestMemory: _, ...unbounded } = cpu;
    expect(said(() => zerosFor(unbounded, 2 ** 50))).toContain("more than this machine gives");
  });
});

describe("what backends hold at most", () => {
  it("is what the machine has, half of it where as many bytes are uploaded, a third of it where twice as many are", () => {
    expect(hostMemory()).toBeLessThanOrEqual(totalmem());
    expect(hostMemory()).toBeGreaterThan(2 ** 28);
    const shares = (backend: Backend) =>
      [undefined, "f16" as const].map((as) => hostMemory() / backend.largestMemory!(as));
    expect(shares(cpu)).toEqual([2, 3]);
    expect(shares(cpu64)).toEqual([2, 5]);
  });

  it("is what WebAssembly addresses where fast keeps arrays there, and what the machine has where it does not", async () => {
    const [usual, inside] = [await fast({ threads: 1 }), await fast({ threads: 1, spill: 2 ** 33 })];
    const addressed = (share: number) => Math.min(2 ** 32 - HEAP, hostMemory() / share);
    expect([usual.largestMemory!("f16"), usual.largestMemory!()]).toEqual([addressed(3), hostMemory() / 2]);
    expect([inside.largestMemory!("f16"), inside.largestMemory!()]).toEqual([addressed(3), addressed(2)]);
    await Promise.all([usual.destroy(), inside.destroy()]);
  });

  it("is 2²⁴ floats on gpu.js", async () => {
    const backend = await gpu({ mode: "cpu" });
    expect(backend.largestMemory!()).toBe(2 ** 26);
    await backend.destroy();
  });

  it("bounds to the container what the machine has, where there is one", () => {
    const allowed = vi.spyOn(process, "constrainedMemory");
    allowed.mockReturnValue(12345);
    expect(hostMemory()).toBe(12345);
    for (const unknown of [0, 2 ** 63]) {
      allowed.mockReturnValue(unknown);
      expect(hostMemory()).toBe(totalmem());
    }
    allowed.mockRestore();
  });
});
