import type { Dlrm } from "./dlrm.ts";

/** Copies what `model` has learned, to the host. What is returned puts it back, as often as it is called. */
export async function snapshot({ parameters, embedding }: Dlrm): Promise<() => void> {
  const values = await Promise.all(parameters.map(async ({ tensor }) => (await tensor.data()).slice()));
  const learned = [...(embedding.adaptation?.arrays ?? [])].map(
    ([, array]) => [array, array.slice()] as const,
  );
  return () => {
    for (const [i, parameter] of parameters.entries()) parameter.fill(values[i]!);
    for (const [array, copy] of learned) array.set(copy);
  };
}
