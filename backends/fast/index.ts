import { type Fast, type FastOptions, forward } from "./forward.ts";
import { step } from "./update.ts";

export type { Fast, FastOptions } from "./forward.ts";

/**
 * The fast CPU backend: every form as SIMD kernels in WebAssembly. Results do not depend on the number of threads.
 * @throws InputError for an option that it does not have, and where threads or fused arithmetic are asked for that the host
 *   does not give.
 */
export const fast = (options: FastOptions = {}): Promise<Fast> => forward(options, step);
