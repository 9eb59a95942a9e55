import type { Tensor } from "../../core/tensor.ts";
import type { Dlrm } from "./dlrm.ts";

/** Copies what `model` and its optimizer have learned, to the host. What is returned puts it back, as often as it is called. */
export async function snapshot({ parameters, embedding }: Dlrm): Promise<() => void> {
  const copied = async (tensor: Tensor) => (await tensor.data()).slice();
  const values = await Promise.all(parameters.map(({ tensor }) => copied(tensor)));
  const states = await Promise.all(parameters.map(({ state }) => Promise.all(state.map(copied))));
  const learned = [...(embedding.adaptation?.arrays ?? [])].map(
    ([, array]) => [array, array.slice()] as const,
  );
  return () => {
    for (const [i, parameter] of parameters.entries()) {
      parameter.fill(values[i]!);
      for (const [j, state] of states[i]!.entries()) parameter.state[j]!.write(state);
    }
    for (const [array, copy] of learned) array.set(copy);
  };
}
