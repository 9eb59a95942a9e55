import type { Backend } from "../core/backend.ts";
import { cpu, cpu64 } from "./cpu.ts";

/** Every backend: what `--backend` offers and the laws are applied to. */
export const backends: readonly Backend[] = [cpu, cpu64];
