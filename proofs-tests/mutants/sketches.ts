import { blockByBlock, type SharingScheme } from "../../models/embeddings/scheme.ts";
import {
  oneSign,
  type Robe,
  robeFamily,
  type SketchFamily,
  soundFamilies,
  wellSigned,
} from "../experiments/prove/families.ts";
import { averaging } from "./backends.ts";

const claimed = [...wellSigned, "independent starts", "one slot a weight"] as const;
const mixer = soundFamilies.find(({ name }) => name === "robe:mixer")!;

/** A scheme that claims what it does not have. */
const pretending = (family: SketchFamily, name: string, fault: string): SketchFamily => ({
  ...family,
  name,
  fault,
  has: claimed,
});

/** With starts that are as independent as it claims, so that its fault is what is refuted. */
const lacking = (
  name: string,
  fault: string,
  options: Robe,
  change?: (scheme: SharingScheme) => SharingScheme,
): SketchFamily => pretending(robeFamily("", { hash: "mixer", ...options }, [], change), name, fault);

/** A scheme that says it is balanced. */
const unbalanced = (
  name: string,
  fault: string,
  options: Robe,
  change?: (scheme: SharingScheme) => SharingScheme,
) => ({
  ...robeFamily(name, options, ["balanced starts", "four-wise signs"], change),
  fault,
});

/** Schemes that the theorems must reject: each says that it has every hypothesis, and lacks one. */
export const brokenFamilies: readonly SketchFamily[] = [
  lacking("broken:unsigned", "no signs", { sign: "none" }),
  lacking("broken:one-sign-a-block", "one sign for all elements of a block", {}, oneSign),
  pretending(
    robeFamily("", { sign: "affine", hash: "affine" }, []),
    "broken:affine-sign",
    "a sign from the family of the location",
  ),
  lacking("broken:no-wrap", "blocks that do not wrap round the end of memory", { index: "noWrap" }),
  lacking("broken:aligned", "starts at multiples of Z only", { index: "aligned" }),
  lacking("broken:blind-hash", "a hash that sees only every other row", {}, (scheme) => ({
    ...blockByBlock(scheme),
    blockStart: (table, row, block, copy) => scheme.blockStart(table, row - (row % 2), block, copy),
  })),
  lacking("broken:blind-to-tables", "a hash that ignores the table", {}, (scheme) => ({
    ...blockByBlock(scheme),
    blockStart: (_, row, block, copy) => scheme.blockStart(0, row, block, copy),
    signs: (_, row, block, word, copy) => scheme.signs!(0, row, block, word, copy),
  })),
  {
    ...pretending(mixer, "broken:low-entropy", "only 16 different seeds"),
    scheme: (instance, seed) => mixer.scheme(instance, seed % 16),
  },
  {
    ...pretending(mixer, "broken:averaged-backward", "a slot gets the mean of its readers' gradients"),
    backend: averaging,
  },
  unbalanced("broken:balanced-by-hash", "places by a hash, not by a permutation", { index: "aligned" }),
  unbalanced("broken:balanced-unsigned", "no signs", { index: "balanced", sign: "none" }),
  unbalanced("broken:unpermuted", "blocks laid on places as they come", { index: "balanced" }, (scheme) => ({
    ...blockByBlock(scheme),
    blockStart: (table, row, block) => {
      const places = Math.floor(scheme.memorySize / scheme.block);
      return ((7 * table + 3 * row + block) % places) * scheme.block;
    },
  })),
];
