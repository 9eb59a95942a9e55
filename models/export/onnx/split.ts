import { check } from "../../../core/errors.ts";
import { exactValue, type Formula, namesIn, type Place, partsOf } from "../../../core/numeric/formula.ts";
import { digits } from "../../dlrm/saved/header.ts";
import { crc32 } from "../../dlrm/saved/sum.ts";
import { extentsOf } from "../plan.ts";
import { halvesOf, numbersOf } from "./formula.ts";
import type { Graph, Port, Value } from "./graph.ts";
import type { Elements, Ids, Numbers } from "./rows.ts";

/** What one graph gives and another takes: whole numbers. */
export interface Sent {
  readonly port: Port;
  readonly of: Value;
}

/**
 * Numbers of formulas in a graph that computes with 32-bit integers. What is the same for 32 elements another graph, of ids,
 * computes and sends; from there on nothing is 2³¹ or more. `sent` grows with each formula that is asked for.
 */
export function splitNumbers(
  graph: Graph,
  host: Pick<Ids, "graph" | "arrays"> & {
    readonly numbers: Numbers;
    readonly rows: readonly number[];
    readonly bags: boolean;
  },
): { readonly numbers: Numbers; readonly sent: readonly Sent[]; keyOfSent(): string } {
  const sent: Sent[] = [];
  const known = new Map<string, Value>();
  const arrayOf = (name: string) => Array.from(host.arrays.get(name)!);
  const numbers: Numbers = (formula, of) => {
    const { tables } = of;
    const extents = extentsOf(of.width, of.block);
    const bounds = new Map<Formula, bigint>();
    const most = (part: Formula) => {
      const found = bounds.get(part) ?? mostOfAll(part, of, host);
      bounds.set(part, found);
      return found;
    };
    check(
      most(formula) < of.below,
      () =>
        "A GPU does not tell of a row that the model does not have, as with --lazy-rows, so this embedding needs one file; leave --slots-as-input out.",
    );
    const given = (part: Formula): Value | undefined => {
      if (namesIn(part).has("bit") && isNarrow(part, most)) return undefined;
      const names = namesIn(part);
      const axes = (["block", "word", "bit"] as const).map((name) => (names.has(name) ? extents[name] : 1));
      const key = JSON.stringify([tables, axes, part], (name, x) =>
        typeof x === "bigint" ? `${x}` : name === "array" ? arrayOf(x) : x,
      );
      const found = known.get(key);
      if (found !== undefined) return found;
      const port = {
        name: `slots.${sent.length}`,
        type: graph.whole,
        shape: ["n", tables.length, host.bags ? "L" : 1, ...axes],
        about: "Whole numbers that places of weights and their signs are computed from.",
      } as const;
      sent.push({ port, of: host.graph.cast(host.numbers(part, of), graph.whole) });
      const value = graph.input(port);
      known.set(key, value);
      return value;
    };
    return numbersOf(formula, { graph, given, tables, extents, arrays: host.arrays });
  };
  /** Eight digits that are the same for the same formulas and tables and, but for one in four billion, for no others. */
  const keyOfSent = () => {
    const all = [JSON.stringify([host.rows, host.bags]), ...known.keys()];
    return digits(crc32(new TextEncoder().encode(all.join("\n"))));
  };
  return { numbers, sent, keyOfSent };
}

const limit = 2n ** 31n;

/** Whether a formula and all that is computed on the way to it are below 2³¹, from what does not name the bit on. */
function isNarrow(formula: Formula, most: (part: Formula) => bigint): boolean {
  if (most(formula) >= limit) return false;
  if (!namesIn(formula).has("bit")) return true;
  switch (formula.op) {
    case "polynomial61":
    case "mix":
    case "search":
    case "xor":
      return false;
    case "bit":
      return halvesOf(formula).every((part) => isNarrow(part, most));
    default:
      return partsOf(formula).every((part) => isNarrow(part, most));
  }
}

/** The largest number that a formula can be of any element of any row. */
function mostOfAll(
  formula: Formula,
  { tables, width, block }: Elements,
  { rows, arrays }: { readonly rows: readonly number[]; readonly arrays: Place["arrays"] },
): bigint {
  let most = 0n;
  for (const table of tables)
    for (let at = 0; at < width; at++) {
      const [inBlock, row] = [at % block, rows[table]! - 1];
      const place = { block: Math.floor(at / block), word: inBlock >> 5, bit: inBlock & 31 };
      const found = mostOf(formula, { table, row, ...place, arrays });
      if (found > most) most = found;
    }
  return most;
}

/** The largest number that a formula can be of any row up to that of a place. */
function mostOf(formula: Formula, place: Place): bigint {
  if (!namesIn(formula).has("row")) return exactValue(formula, place);
  const of = (part: Formula) => mostOf(part, place);
  const larger = (x: bigint, y: bigint) => (x > y ? x : y);
  switch (formula.op) {
    case "add":
      return of(formula.left) + of(formula.right);
    case "multiply":
      return of(formula.left) * of(formula.right);
    case "quotient":
      return namesIn(formula.right).has("row") ? of(formula.left) : of(formula.left) / of(formula.right);
    case "remainder": {
      const [left, right] = [of(formula.left), of(formula.right) - 1n];
      return left < right ? left : right;
    }
    case "xor":
      return 2n ** BigInt(larger(of(formula.left), of(formula.right)).toString(2).length) - 1n;
    case "less":
    case "bit":
      return 1n;
    case "choose":
      return larger(of(formula.yes), of(formula.no));
    case "polynomial61":
      return 2n ** 61n - 2n;
    case "mix":
      return 2n ** 32n - 1n;
    case "search":
      return BigInt(place.arrays.get(formula.array)!.length);
    default:
      return BigInt(place.row); // all else that names the row
  }
}
