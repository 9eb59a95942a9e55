import fc from "fast-check";

// SEED=123 npm test draws the same examples again; without it every run draws new ones and a failure prints its seed.
const seed = process.env.SEED;
if (seed !== undefined) {
  if (!/^-?\d+$/.test(seed)) throw new Error(`SEED must be a whole number, but it is "${seed}".`);
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
}
