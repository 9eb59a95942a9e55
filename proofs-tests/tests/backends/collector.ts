import v8 from "node:v8";
import { runInNewContext } from "node:vm";

v8.setFlagsFromString("--expose-gc");

/** Finds all that nobody holds any more, but for what was looked at in this turn. What is to be done then waits for a turn. */
export const collect = runInNewContext("gc") as () => void;

/** Lets the collector find what nobody holds any more, until `done`. */
export async function collected(done: () => boolean, most = 100): Promise<void> {
  for (let i = 0; i < most && !done(); i++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    collect();
  }
}
