/**
 * `npx tsx config/docs/rates.ts`: how fast `fast` multiplies matrices of a DLRM's shapes and how fast one core hashes blocks,
 * as JSON for docs/data/rates.json. All shapes and backends take turns.
 */
import { fast } from "../../backends/fast/index.ts";
import { machine } from "../../cli/common/machine.ts";
import type { DeviceBackend } from "../../core/backend.ts";
import { type Hash, polynomial, polynomialCoefficients } from "../../core/numeric/hash.ts";
import { random } from "../../core/numeric/random.ts";
import { milliseconds } from "./clock.ts";
import type { Rates } from "./speed.ts";

const rounds = 21;
const batch = 2048;

type Product = Rates["products"][number]["form"];

/** x · w, with w [k × m] as it is or given as [m × k]. */
const forward = (n: number, k: number, m: number, transposeB = true): Product => ({
  n,
  k,
  m,
  transposeA: false,
  transposeB,
});

/** The layer from 512 to 256 floats first: the others are held against it. */
const products: readonly (readonly [string, Product])[] = [
  ["2048×512×256", forward(batch, 512, 256, false)],
  ["forward, weight transposed", forward(batch, 512, 256)],
  ["input's gradient", forward(batch, 256, 512, false)],
  ["weight's gradient", { n: 256, k: batch, m: 512, transposeA: true, transposeB: false }],
  ["from the interaction of 27 (367 = 351 + 16)", forward(batch, 367, 512)],
  ["its input's gradient", forward(batch, 512, 367, false)],
  ["its weight's gradient", { n: 512, k: batch, m: 367, transposeA: true, transposeB: false }],
  ["from the interaction of 27 (479 = 351 + 128)", forward(batch, 479, 1024)],
  ["one row", forward(1, 512, 256)],
  ["one row, from the interaction", forward(1, 367, 512)],
  ["one output", forward(batch, 512, 1)],
];

/** Calls that take some milliseconds together: fewer, and the clock would be measured. */
const callsOf = ({ n, k, m }: Product) => Math.ceil(2e8 / (2 * n * k * m) / (Math.min(n, m) === 1 ? 10 : 1));

function callOf(backend: DeviceBackend, form: Product): () => void {
  const { n, k, m } = form;
  const a = backend.upload(new Float32Array(n * k).fill(0.5));
  const b = backend.upload(new Float32Array(k * m).fill(0.25));
  return () => backend.free(backend.run({ kind: "matmul", ...form, bias: false }, [a, b]));
}

async function productRates(): Promise<Rates["products"]> {
  const kinds = [false, true].flatMap((fused) => [1, 2].map((threads) => ({ threads, fused })));
  const rows = products.map(([name, form]) => ({ name, form, milliseconds: {} as Record<string, number[]> }));
  const work = [];
  const backends = [];
  for (const { threads, fused } of kinds) {
    const backend = await fast({ threads, fma: fused });
    backends.push(backend);
    const of = `${backend.name}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
    for (const row of rows) {
      const times: number[] = [];
      row.milliseconds[of] = times;
      work.push({ call: callOf(backend, row.form), calls: callsOf(row.form), times });
    }
  }
  for (let i = 0; i < rounds; i++)
    for (const { call, calls, times } of work) times.push(milliseconds(calls, call));
  await Promise.all(backends.map((backend) => backend.destroy()));
  return rows;
}

/** Blocks as a batch of criteo-kaggle reads them, into the memory of criteo-tb at 10,000×. */
function hashRates(): Rates["hashes"] {
  const blocks = 26 * batch;
  const stream = random(0, "blocks to hash");
  const numbers = Float64Array.from({ length: blocks }, () => stream.bits());
  const [starts, signs] = [new Uint32Array(blocks), new Uint32Array(blocks)];
  const hashOf = (k: number, name: string): Required<Pick<Hash, "modulos">> => {
    const { modulos } = polynomial(polynomialCoefficients(k, 0, name));
    if (modulos === undefined) throw new Error("Polynomials hash all blocks at once.");
    return { modulos };
  };
  const [location, sign] = [hashOf(2, "starts"), hashOf(4, "signs")];
  const ways = {
    starts: () => location.modulos(numbers, 2_613_000, starts),
    signs: () => sign.modulos(numbers, 2 ** 32, signs),
    "starts and signs": () => {
      ways.starts();
      ways.signs();
    },
  };
  const times: Record<string, number[]> = { starts: [], signs: [], "starts and signs": [] };
  for (let i = 0; i < rounds; i++)
    for (const [name, way] of Object.entries(ways)) times[name]!.push(milliseconds(10, way));
  return { blocks, milliseconds: times };
}

const hashes = hashRates();
console.log(JSON.stringify({ machine: machine(), hashes, products: await productRates() } satisfies Rates));
