import type { Planted } from "../planted.ts";
import { studies } from "./studies.ts";

/** Every fault that is planted. */
export const planted: readonly Planted[] = [...studies];
