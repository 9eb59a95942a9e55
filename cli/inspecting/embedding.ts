import { bytes, count, counted, grouped } from "../../core/format.ts";
import type { Inspection, Load } from "../../models/embeddings/inspect.ts";

/** What was found of an embedding, as lines for people. */
export function inWords({
  name,
  tables,
  rows,
  dim,
  memorySize,
  bytes: own,
  virtualSize,
  compression,
  guarantee,
  load,
}: Inspection): string {
  const [reads, collisions] = load ? loadInWords(load) : [];
  return [
    `${name}: ${counted(rows, "row")} in ${counted(tables, "table")} of dim ${dim}: ${count(virtualSize)} weights, ${bytes(virtualSize * 4)}`,
    `memory      ${count(memorySize)} floats, ${bytes(own)}: compression ${grouped(compression, 4)}×`,
    `guarantee   ${guarantee}`,
    ...(load ? [`slot load   ${reads}`, `collisions  ${collisions}`] : []),
  ].join("\n");
}

/** Loads of slots, and collisions. */
export function loadInWords(load: Load): [reads: string, collisions: string] {
  const { counted, exact, mean, largest, largestBound, unused, collision, expectedCollision } = load;
  return [
    `${exact ? "all" : "a random sample of"} ${count(counted)} reads: ${mean.toPrecision(4)} a slot on average, ${largest} at most (independent blocks: below ${largestBound.toFixed(1)} in 99 cases of 100), ${count(unused)} slots unused`,
    `P(two reads share a slot) ${collision.toExponential(2)}; 1/m is ${expectedCollision.toExponential(2)}`,
  ];
}
