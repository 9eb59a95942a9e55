import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Heap, heapOn } from "../../../../backends/fast/heap.ts";
import * as job from "../../../../backends/fast/kernels/job.ts";
import { said } from "../../models/dlrm/tiny-model.ts";

/** Memory that has all its pages, or says that it does. */
const memory = { buffer: { byteLength: 2 ** 32 }, grow: () => 0 } as unknown as WebAssembly.Memory;

describe("the heap's account", () => {
  it("is of arrays taken and not given back, and of what was ever needed at once", () => {
    const { take, give, statistics } = heapOn(memory);
    const before = statistics.reached;
    const places = [take(1000), take(1000), take(1000)];
    expect(statistics.arrays).toBe(3);
    const reached = statistics.reached;
    // Each has its bytes, room for one vector more, and at most an eighth more.
    expect(reached - before).toBeGreaterThanOrEqual(3 * 1016);
    expect(reached - before).toBeLessThanOrEqual((3 * 1016 * 9) / 8);
    for (const place of places) give(place);
    expect(statistics.arrays).toBe(0);
    expect([take(1000), take(1000)]).not.toContain(take(1000));
    expect([statistics.arrays, statistics.reached]).toEqual([3, reached]);
  });

  it("is of whole lines of the cache, an eighth more at most, which arrays of almost the same size share", () => {
    const { take, give, statistics } = heapOn(memory);
    for (const bytes of [0, 1, 48, 49, 100, 1008, 1009, 5000, 70_000, 1e6]) {
      const before = statistics.reached;
      const place = take(bytes);
      expect(place).toBe(before);
      expect(place % 64).toBe(0);
      const size = statistics.reached - place;
      expect(size).toBeGreaterThanOrEqual(bytes + 16);
      expect(size).toBeLessThan(Math.max((bytes + 16) * 1.125, bytes + 16 + 64));
    }
    const place = take(5000);
    give(place);
    expect(take(5100)).toBe(place);
    const reached = statistics.reached;
    expect(take(6000)).toBe(reached);
  });

  it("fills memory to its last byte", () => {
    const { take, statistics } = heapOn(memory);
    for (let size = 2 ** 31; size >= job.HEAP; size /= 2) take(size - 16);
    expect(statistics.reached).toBe(2 ** 32);
    expect(said(() => take(1))).toContain(
      "of the 4,295 MB that WebAssembly addresses at most 0 MB are free in one piece",
    );
  });

  it("lets memory grow by what is missing, and not before", () => {
    const real = new WebAssembly.Memory({ initial: 2, maximum: 40 });
    const { take, statistics } = heapOn(real);
    const pages = () => real.buffer.byteLength / 2 ** 16;
    const before = real.buffer;
    take(2 ** 16);
    expect(real.buffer).toBe(before); // no view of it has lost its numbers
    expect(pages()).toBe(2);
    take(2 ** 16 - 16);
    for (const bytes of [1, 2 ** 15, 2 ** 20]) {
      take(bytes);
      expect(pages()).toBe(Math.ceil(statistics.reached / 2 ** 16));
    }
  });

  it("says what is missing, what is held and what would help", () => {
    const { take, give } = heapOn(memory);
    const first = take(1.5e9);
    expect(said(() => take(3e9))).toMatch(
      /^The fast backend needs 3,000 MB more, but of the 4,295 MB that WebAssembly addresses at most 2,7\d\d MB are free in one piece; 1 array that nobody freed holds 1,5\d\d MB\. Free models/,
    );
    take(2e9);
    give(first);
    expect(said(() => take(3e9))).toMatch(
      /at most 1,5\d\d MB are free in one piece; 1 array that nobody freed/,
    );
    take(1000);
    expect(said(() => take(3e9))).toMatch(/; 2 arrays that nobody freed hold 2,00\d MB\./);
  });

  it("says so where the machine gives no more, and goes on with what there is", () => {
    const { take, give, statistics } = heapOn(new WebAssembly.Memory({ initial: 16, maximum: 20 }));
    const refusal = said(() => take(2e6));
    expect(refusal).toContain(
      "needs 2 MB more, which this machine does not give it; 0 arrays that nobody freed",
    );
    expect(statistics.arrays).toBe(0);
    give(take(1000));
  });
});

describe("a heap whose arrays come and go", () => {
  /** Bytes that an array has at least, and one of the classes of sizes at most. */
  const spread = (bytes: number) => [bytes + 16, Math.max((bytes + 16) * 1.125, bytes + 16 + 64)] as const;
  const sizes = fc.oneof(fc.nat(300), fc.nat(20_000), fc.nat(5_000_000));
  /** Takes so many bytes, or gives back the array of such a number among those that are held. */
  const turns = fc.array(
    fc.oneof(
      sizes.map((bytes) => ({ bytes })),
      fc.nat().map((give) => ({ give })),
    ),
    {
      maxLength: 60,
    },
  );
  const walked = ({ take, give }: Heap, walk: readonly ({ bytes: number } | { give: number })[]) => {
    const held: { at: number; bytes: number }[] = [];
    for (const turn of walk) {
      if ("bytes" in turn) held.push({ at: take(turn.bytes), bytes: turn.bytes });
      else if (held.length > 0) give(held.splice(turn.give % held.length, 1)[0]!.at);
    }
    return held;
  };

  it("keeps them apart, on lines of the cache", () =>
    fc.assert(
      fc.property(turns, (walk) => {
        const heap = heapOn(memory);
        const held = walked(heap, walk).toSorted((a, b) => a.at - b.at);
        expect(heap.statistics.arrays).toBe(held.length);
        for (const [i, { at, bytes }] of held.entries()) {
          expect(at % 64).toBe(0);
          expect(at).toBeGreaterThanOrEqual(job.HEAP);
          expect(at + spread(bytes)[0]).toBeLessThanOrEqual(held[i + 1]?.at ?? heap.statistics.reached);
        }
      }),
    ));

  it("is one free piece from its beginning when all are given back, in any order", () =>
    fc.assert(
      fc.property(turns, fc.infiniteStream(fc.nat()), (walk, order) => {
        const heap = heapOn(memory);
        for (const left = walked(heap, walk); left.length > 0; )
          heap.give(left.splice(order.next().value % left.length, 1)[0]!.at);
        expect(heap.statistics.arrays).toBe(0);
        const first = heap.take(2 ** 32 - 2 ** 24); // longer than any free piece but all of memory
        expect(first).toBe(heapOn(memory).take(0));
      }),
    ));

  it("has a place again for what fits between those that are held", () =>
    fc.assert(
      fc.property(fc.array(sizes, { minLength: 3, maxLength: 20 }), fc.nat(), fc.nat(), (all, a, b) => {
        const heap = heapOn(memory);
        const places = all.map(heap.take);
        const [from, to] = [a % all.length, b % all.length].toSorted((x, y) => x - y) as [number, number];
        for (const place of places.slice(from, to + 1).reverse()) heap.give(place);
        const { reached } = heap.statistics;
        const room = (places[to + 1] ?? reached) - places[from]!;
        expect(heap.take(Math.floor((room - 64) / 1.25) - 16)).toBe(places[from]);
        expect(heap.statistics.reached).toBe(reached);
      }),
    ));

  it("needs no more than the largest where each is given back before the next, larger one", () => {
    const heap = heapOn(memory);
    for (let megabytes = 300; megabytes <= 4000; megabytes += 50) heap.give(heap.take(1e6 * megabytes));
    expect(heap.statistics.reached).toBeLessThan(4010e6);
  });

  it("needs no more than three of the largest where each is copied into the next, a larger one", () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 }), (start, step) => {
        const heap = heapOn(memory);
        let last = heap.take(1e5 * start);
        let size = start;
        for (let i = 0; i < 20; i++) {
          size += step;
          const next = heap.take(1e5 * size);
          heap.give(last);
          last = next;
        }
        expect(heap.statistics.reached - job.HEAP).toBeLessThan(1.125e5 * (3 * size) + 2 ** 22);
      }),
    ));

  it("has the same places for what takes and gives the same again", () =>
    fc.assert(
      fc.property(turns, turns, (before, walk) => {
        const heap = heapOn(memory);
        walked(heap, before);
        const round = () => {
          const places: number[] = [];
          const recording = {
            ...heap,
            take: (bytes: number) => places.at(places.push(heap.take(bytes)) - 1)!,
          };
          for (const { at } of walked(recording, walk)) heap.give(at);
          return places;
        };
        const places = round();
        const { reached } = heap.statistics;
        expect(round()).toEqual(places);
        expect(heap.statistics.reached).toBe(reached);
      }),
    ));

  it("takes nothing back twice", () => {
    const { take, give } = heapOn(memory);
    const [one] = [take(100), take(100)];
    give(one);
    expect(() => give(one)).toThrow("Nothing is held");
  });
});
