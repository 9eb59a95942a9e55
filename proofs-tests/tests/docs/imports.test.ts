import { describe, expect, it } from "vitest";
import { allArrows, arrowsOf, circle, drawn, forbidden } from "../../../config/imports.ts";

const arrow = (from: string, to: string) => ({ from, to, isType: false });

describe("what files import", () => {
  const arrows = allArrows();

  it("lies below them, and is no mutant and no test where they ship", () => {
    expect(arrows.map(forbidden).filter((why) => why !== undefined)).toEqual([]);
    expect(arrows.length).toBeGreaterThan(1500);
  });

  it("does not lead back to them", () => expect(circle(arrows)).toBeUndefined());

  it.each([
    ["core/tensor.ts", "backends/cpu/index.ts", "lies above"],
    ["models/dlrm/dlrm.ts", "cli/flags.ts", "lies above"],
    ["theory/plan.ts", "backends/index.ts", "lies beside"],
    ["backends/index.ts", "theory/index.ts", "lies beside"],
    ["proofs-tests/experiments/prove/prove.ts", "cli/prove.ts", "lies above"],
    ["proofs-tests/experiments/prove/prove.ts", "proofs-tests/mutants/ops.ts", "imports a mutant"],
    ["cli/prove.ts", "proofs-tests/mutants/sketches.ts", "imports a mutant"],
    ["index.ts", "proofs-tests/tests/seed.ts", "imports a test"],
    ["examples/page/main.ts", "proofs-tests/tests/seed.ts", "imports a test"],
  ])("%s may not import %s", (from, to, why) => expect(forbidden(arrow(from, to))).toContain(why));

  it.each([
    ["cli/prove.ts", "core/errors.ts"],
    ["proofs-tests/tests/laws/mutation.test.ts", "proofs-tests/mutants/ops.ts"],
    ["proofs-tests/mutants/kernels.ts", "proofs-tests/mutants/ops.ts"],
    ["config/docs/mutation.ts", "proofs-tests/tests/mutation/score.ts"],
    ["core/a.ts", "core/b.ts"],
  ])("%s may import %s", (from, to) => expect(forbidden(arrow(from, to))).toBeUndefined());

  it("is a file of some room", () => expect(() => forbidden(arrow("a.ts", "core/b.ts"))).toThrow("no room"));
});

describe("a file's imports", () => {
  it("are what it imports, exports from elsewhere and loads later; of packages nothing is said", () => {
    const text = [
      'import { a } from "./a.ts";',
      'import type { B } from "../b.ts";',
      'import { type C } from "./c.ts";',
      'import { type D, d } from "./d.ts";',
      'export { e } from "./e.ts";',
      'const f = () => import("./f.ts");',
      'import "node:fs";',
      '// import "./g.ts"',
      'import x, { type Y } from "./x.ts";',
    ].join("\n");
    expect(arrowsOf("one/two/file.ts", text).map(({ to, isType }) => [to, isType])).toEqual([
      ["one/two/a.ts", false],
      ["one/b.ts", true],
      ["one/two/c.ts", true],
      ["one/two/d.ts", false],
      ["one/two/e.ts", false],
      ["one/two/f.ts", false],
      ["one/two/x.ts", false],
    ]);
  });
});

describe("a ring of imports", () => {
  const ring = [arrow("a", "b"), arrow("a", "c"), arrow("c", "d"), arrow("d", "e"), arrow("e", "c")];
  it("is found, and told from its first file to its first file", () =>
    expect(circle(ring)).toEqual(["c", "d", "e", "c"]));
  it("is none where a file is met twice, or only types close it", () => {
    expect(circle([arrow("a", "b"), arrow("a", "c"), arrow("b", "d"), arrow("c", "d")])).toBeUndefined();
    expect(circle(ring.with(4, { from: "e", to: "c", isType: true }))).toBeUndefined();
  });
});

it("the drawing counts the imports between rooms that ship", () => {
  const arrows = [
    arrow("cli/a.ts", "core/b.ts"),
    arrow("cli/c.ts", "core/b.ts"),
    arrow("core/b.ts", "core/d.ts"),
  ];
  const tests = arrow("proofs-tests/tests/a.ts", "core/b.ts");
  expect(drawn([...arrows, tests])).toBe("```mermaid\nflowchart TD\n  cli -->|2| core\n```");
});
