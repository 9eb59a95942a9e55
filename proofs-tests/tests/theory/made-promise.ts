import type { Promised } from "../../../theory/plan.ts";

/** A promise that no plan made. */
export const promised: Promised = {
  theorem: "R3",
  kind: "norm",
  keeps: "the norm",
  needs: "",
  trainable: true,
  epsilon: 0.5,
  floats: 5,
  bytes: 20,
  compression: 1.6,
};
