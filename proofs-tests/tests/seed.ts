import fc from "fast-check";
import { drawnSeed } from "../../core/numeric/random.ts";

const given = process.env.SEED;
if (given !== undefined && !/^-?\d+$/.test(given))
  throw new Error(`SEED must be a whole number, but it is "${given}".`);

/** SEED=123 npm test draws the same examples again; without it every run draws new ones and a failure prints its seed. */
export const seed: number = given === undefined ? drawnSeed() : Number(given);

if (given !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
