// npx tsx examples/visits.ts FILE [ROWS] [DAY]
// Writes a made click log, of which the best possible AUC is known and printed: four numbers of very different scale, six
// columns of ids, one of 50,000 names and one of lists. The rows of another day have the same columns and the same world, and some
// ids that no earlier day had.
import { writeFileSync } from "node:fs";
import { random, rocAuc } from "pss-dlrm";

const [file = "visits.csv", rows = "200000", day = "0"] = process.argv.slice(2);
const draw = random(Number(day), "visits");
const normal = draw.normal;

/** Ids from 0, the first of them far more often than the last: the density of their ranks is that of rank^(-1/2). */
const popular = (of: number): number => Math.floor(of * draw.uniform() ** 2);

/** What an id adds to the logit: the same on every day. */
const effects = (name: string, of: number, deviation: number): Float64Array => {
  const stream = random(7, name);
  return Float64Array.from({ length: of }, () => deviation * stream.normal());
};
const user = effects("user", 50_000, 0.1);
const item = effects("item", 200, 0.5);
const site = effects("site", 100, 0.4);
const country = effects("country", 40, 0.4);
const device = effects("device", 4, 0.3);
const genre = effects("genre", 18, 0.5);

const lines = ["clicked,price,age,second,discount,user,item,site,country,device,genres"];
const labels: number[] = [];
const truth: number[] = [];
for (let i = 0; i < Number(rows); i++) {
  const [price, discount] = [Math.exp(2 + normal()), 1e-5 * draw.uniform()];
  const age = 18 + draw.integer(60);
  const second = draw.integer(86_400); // of the day
  const [u, t, s, c, d] = [popular(50_000), popular(200), popular(100), popular(40), popular(4)];
  const genres = new Set(Array.from({ length: 1 + draw.integer(3) }, () => popular(18)));
  const numbers =
    1e5 * discount - 0.8 * Math.log(price) + 0.03 * (age - 48) + 0.6 * Math.sin(second / 14_000);
  const ids = user[u]! + item[t]! + site[s]! + country[c]! + device[d]!;
  const listed = [...genres].reduce((sum, g) => sum + genre[g]!, 0);
  const p = 1 / (1 + Math.exp(1 - numbers - ids - listed));
  const clicked = Number(draw.uniform() < p);
  truth.push(p);
  labels.push(clicked);
  lines.push(
    `${clicked},${price.toFixed(2)},${age},${second},${discount.toExponential(3)},user-${u.toString(36)},item ${t},${s}.example,C${c},device${d},${[...genres].map((g) => `genre ${g}`).join("|")}`,
  );
}
writeFileSync(file, `${lines.join("\n")}\n`);
console.log(
  `${file}: ${rows} rows; no model can do better than AUC ${rocAuc(Float64Array.from(labels), Float64Array.from(truth)).value.toFixed(4)}`,
);
