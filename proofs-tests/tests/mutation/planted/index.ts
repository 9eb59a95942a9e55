import type { Planted } from "../planted.ts";
import { byFrequency } from "./by-frequency.ts";
import { experiments } from "./experiments.ts";
import { exported } from "./exports.ts";
import { fewBits } from "./few-bits.ts";
import { formats } from "./formats.ts";
import { importance } from "./importance.ts";
import { inspecting } from "./inspecting.ts";
import { reports } from "./reports.ts";
import { saved } from "./saved.ts";
import { scoring } from "./scoring.ts";
import { serving } from "./serving.ts";
import { small } from "./small.ts";
import { studies } from "./studies.ts";
import { studySave } from "./study-save.ts";
import { training } from "./training.ts";

/** Every fault that is planted. */
export const planted: readonly Planted[] = [
  ...studies,
  ...small,
  ...studySave,
  ...training,
  ...exported,
  ...fewBits,
  ...byFrequency,
  ...formats,
  ...experiments,
  ...reports,
  ...saved,
  ...scoring,
  ...serving,
  ...importance,
  ...inspecting,
];
