import { numberOption } from "../options.ts";

export const momentum = numberOption({
  from: 0,
  default: 0,
  help: "share of the last step that goes on",
  draw: (stream) => 0.9 * stream.uniform(),
});

export const weightDecay = numberOption({
  from: 0,
  default: 0,
  help: "times the weight is added to its gradient",
  draw: (stream) => 0.2 * stream.uniform(),
});

/** What keeps a step finite where the state is 0. */
export const eps = <Default extends number>(usual: Default) =>
  numberOption({ from: 0, default: usual, help: "added to the root of the squares" });

/** What is added to a step's gradient, and the gradient with it. */
export const decayedText = (decay: number): string => (decay === 0 ? "g" : "(g + weightDecay * w)");
