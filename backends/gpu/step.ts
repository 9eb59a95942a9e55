import type { Update } from "../../core/backend.ts";
import type { Lookup } from "../../core/lookup.ts";
import { scalar } from "../../core/scalar.ts";
import { evaluate, touchedBy } from "./evaluate.ts";
import type { Runner, Stored } from "./runner.ts";
import { assignments } from "./update.ts";

/** What a lookup contributes to a memory's gradient. */
interface Part {
  readonly lookup: Lookup;
  readonly values: Stored;
}

/** One optimizer step on [weights, ...state], which it takes over. Returns the new arrays in the same order. */
export async function step(
  update: Update,
  arrays: readonly Stored[],
  gradient: Stored | readonly Part[],
  runner: Runner,
): Promise<readonly Stored[]> {
  if (!isParts(gradient)) return stepped(update, arrays, gradient, undefined, runner);
  const g = await summed(gradient, runner, ({ lookup, values }) =>
    evaluate({ kind: "scatter", lookup }, [values], runner),
  );
  const touched = await summed(gradient, runner, ({ lookup }) => touchedBy(lookup, runner));
  const made = await stepped(update, arrays, g, touched, runner);
  runner.drop(g);
  runner.drop(touched);
  return made;
}

const isParts = (gradient: Stored | readonly Part[]): gradient is readonly Part[] => Array.isArray(gradient);

/** Assignment after assignment: each makes a new array, since a kernel cannot write where it reads. */
async function stepped(
  update: Update,
  arrays: readonly Stored[],
  g: Stored,
  touched: Stored | undefined,
  runner: Runner,
): Promise<readonly Stored[]> {
  const names = ["w", ...update.state];
  const now = new Map(names.map((name, i) => [name, arrays[i]!]));
  const read = (name: string) => (name === "g" ? g : name === "touched" ? touched! : now.get(name)!);
  for (const { target, kernel, reads, numbers } of assignments(
    update,
    arrays[0]!.length,
    touched !== undefined,
  )) {
    const given = numbers.map((name) => update.hyper[name]!);
    const made = await runner.launch(kernel, reads.map(read), given);
    runner.drop(now.get(target)!);
    now.set(target, made);
  }
  return names.map((name) => now.get(name)!);
}

const plus = scalar("x, y", "x + y");

/** The sum of what each part makes. */
async function summed(
  parts: readonly Part[],
  runner: Runner,
  make: (part: Part) => Promise<Stored>,
): Promise<Stored> {
  let sum: Stored | undefined;
  for (const part of parts) {
    const [before, next] = [sum, await make(part)];
    if (before === undefined) {
      sum = next;
      continue;
    }
    const shape = [next.length];
    sum = await evaluate({ kind: "map", f: plus, shape, inputs: [shape, shape] }, [before, next], runner);
    runner.drop(before);
    runner.drop(next);
  }
  return sum!;
}
