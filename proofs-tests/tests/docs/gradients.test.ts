import { expect, it } from "vitest";
import { gradientsIn } from "../../../config/docs/gradients.ts";

it("gradients are read from the source: name, first sentence, one line without what only the compiler needs", () => {
  const source = `
/** Not an op. */
const options = { name: "no" };

/**
 * Twice x, exactly. More is said
 * of it here.
 */
export const twice: Op = elementwise({
  name: "twice",
  f: scalar("x", "x + x"),
  // a comment
  vjp: (g, { inputs: [x] }) => [
    add(g, x!), // why
  ],
});
`;
  const [first, ...others] = gradientsIn(source);
  expect(others).toEqual([]);
  expect(first).toEqual({
    name: "twice",
    says: "Twice x, exactly",
    vjp: "(g, { inputs: [x] }) => [ add(g, x), ]",
  });
});
