/**
 * `npm run power -- --studies N --seed S [--json]`: how often `tradeoff` calls a memory small enough whose true loss is known. Exit
 * code 1 where it is too often, or too seldom where nothing is lost.
 */
import { parseArgs } from "node:util";
import { fast } from "../../../backends/fast/index.ts";
import { drawnSeed } from "../../../core/numeric/random.ts";
import { type Option, wholeOption } from "../../../core/options.ts";
import { type Claims, power } from "./studies.ts";

const { values } = parseArgs({
  options: { studies: { type: "string" }, seed: { type: "string" }, json: { type: "boolean" } },
});
const whole = (name: "studies" | "seed", option: Option<number>): number | undefined =>
  values[name] === undefined ? undefined : option.accept(option.read(values[name]), `--${name}`);
const studies = whole("studies", wholeOption({ from: 2, help: "" })) ?? 200;
const seed = whole("seed", wholeOption({ from: 0, help: "" })) ?? drawnSeed();

const begun = performance.now();
const found = await power(await fast(), { studies, seed }, (done, all) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Kstudy ${done + 1} of ${all}`);
});
const seconds = Math.round((performance.now() - begun) / 1000);
const [worst, twice, none] = found as [Claims, Claims, Claims];
const isSound = worst.interval[0] <= 0.05 && twice.interval[0] <= 0.05 && none.interval[1] > 0.5;

const inWords = ({ what, loss, tolerance, studies, claims, interval }: Claims): string => {
  const percent = (x: number) => (100 * x).toFixed(1);
  const [low, high] = interval.map(percent);
  return `tolerance ${tolerance.toFixed(4)}, ${what}: robe at 10× loses ${loss.toFixed(4)} AUC, and is called small enough in ${claims} of ${studies} studies, ${percent(claims / studies)} % (${low} … ${high})`;
};
console.log(
  values.json
    ? JSON.stringify({ studies, seed, seconds, claims: found })
    : [
        ...found.map(inWords),
        `${isSound ? "At most 5 % where that is false, and most where it is true." : "That is more than 5 % where it is false, or not most where it is true."} ${seconds} s`,
        `repeat: npm run power -- --studies ${studies} --seed ${seed}`,
      ].join("\n"),
);
process.exitCode = isSound ? 0 : 1;
