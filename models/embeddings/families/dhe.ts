import { check, integer } from "../../../core/errors.ts";
import { lifted, plus, remainder, times } from "../../../core/numeric/formula.ts";
import { hashByName } from "../../../core/numeric/hash-by-name.ts";
import { reshape } from "../../../core/ops/reshape.ts";
import { filled, type Given, wholeOption } from "../../../core/options.ts";
import { tensor } from "../../../core/tensor.ts";
import { mlp } from "../../dlrm/mlp.ts";
import { type Rows, sumsOfComputed } from "../computed-rows.ts";
import { type EmbeddingMaker, floatsWithin, type MemorySize, memoryFloats } from "../embedding.ts";
import { embeddingFamily, ofFamily, sizeFrom, sizeOptions } from "../family.ts";
import { allTables, element, type Rows as PlanRows, rowOfAll } from "../plan.ts";
import { type TableShape, tableOffsets, virtualFloats } from "../scheme.ts";

const dheOptions = {
  /**
   * k, hash values of an id: inputs of the network. 256 where the paper has 1024 in front of millions of floats: the
   * first layer takes k floats for each unit of its width. Of a memory of 30,000 floats 1024 hashes leave a width of 28,
   * 256 leave 83, and they take a quarter of the time to hash.
   */
  hashes: wholeOption({
    from: 1,
    to: 2 ** 16,
    default: 256,
    help: "hash values of an id, which the network reads",
    draw: (stream) => 1 + stream.integer(12),
  }),
};

const widthOption = wholeOption({
  from: 1,
  to: 2 ** 15,
  isSize: true,
  form: "W",
  help: "of both hidden layers, in place of a size",
});

/** The width of both hidden layers; or a memory size, for the widest network that fits into it. */
export type DheOptions = ({ readonly width: number } | MemorySize) & Given<typeof dheOptions>;

/**
 * Deep hash embedding (Kang et al. 2021, KDD, arXiv 2010.10784): an id has k hash values, uniform on (−1, 1), and a
 * network makes its row of them: k → width → width → dim, relu after the hidden layers.
 *
 * One network serves all tables; ids are hashed by their number through all tables. Of a given memory, a network for
 * each table would get a share that has to be guessed beforehand, and tables of three rows would have theirs. Relu in
 * place of the paper's Mish with batch normalization: it is what the other layers here have, and rows then depend on
 * no other rows of their batch.
 */
export function dhe(options: DheOptions): EmbeddingMaker {
  return ofFamily({ family: "dhe", given: options }, { ...dheOptions, width: widthOption }, (setting) => {
    const { tables, dim, backend, seed } = setting;
    const { hashes, width } = sizesOf(options, setting);
    checkNumbers(tables, hashes);
    const network = mlp("embedding.dhe", [hashes, width, width, dim], { logit: true, ...setting });
    const memory = dheFloats({ hashes, width, dim });
    return {
      name: "dhe",
      tables,
      dim,
      memorySize: memory,
      bytes: 4 * memory,
      virtualSize: virtualFloats(setting),
      parameters: network.parameters,
      plan() {
        const number = plus(times(rowOfAll(tableOffsets(tables)), hashes), element);
        const key = { table: lifted(0), row: number, first: lifted(0), block: lifted(0), blocks: 1 };
        const hash = remainder(hashByName("polynomial4", seed).formula!(key), steps);
        const codes: PlanRows = { is: "codes", hash, steps, width: hashes };
        const rows: PlanRows = {
          is: "layers",
          rows: codes,
          name: "embedding.dhe",
          sizes: [hashes, width, width, dim],
        };
        return [{ tables: allTables(setting), pooled: { is: "sum", rows } }];
      },
      forward(bags) {
        const valuesOf = (rows: Rows) => {
          const codes = dheCodes(tables, hashes, seed, rows);
          return { values: network.forward(tensor(backend, [rows.numbers.length, hashes], codes)) };
        };
        return reshape(sumsOfComputed({ shape: setting, backend, valuesOf }, bags), {
          shape: [(bags.offsets.length - 1) / tables.length, tables.length * dim],
        });
      },
    };
  });
}

/** Hash values are whole multiples of 2⁻²³, as f32 holds them exactly. */
const steps = 2 ** 23;

/**
 * [rows × k] hash values of rows. Value j of a row is (2h + 1)/2²³ − 1, where h is the hash of the number
 * row · k + j mod 2²³, and rows count through all tables: an odd multiple of 2⁻²³ between −1 and 1, the same f32
 * everywhere. The hash is a polynomial with four coefficients: any four values of any rows are independent, so the
 * distance of two rows' codes has the mean and the variance that k independent hash functions would give it.
 */
export function dheCodes(
  tables: readonly number[],
  hashes: number,
  seed: number,
  { tables: tableOf, numbers: rows }: Rows,
): Float32Array {
  const first = tableOffsets(tables);
  const numbers = new Float64Array(rows.length * hashes);
  for (let i = 0, at = 0; i < rows.length; i++) {
    const number = (first[tableOf[i]!]! + rows[i]!) * hashes;
    for (let j = 0; j < hashes; j++) numbers[at++] = number + j;
  }
  const hashed = new Uint32Array(numbers.length);
  hashByName("polynomial4", seed).modulos!(numbers, steps, hashed);
  const codes = new Float32Array(hashed.length);
  for (let i = 0; i < codes.length; i++) codes[i] = (2 * hashed[i]! + 1) / steps - 1;
  return codes;
}

function checkNumbers(tables: readonly number[], hashes: number): void {
  const rows = tableOffsets(tables).at(-1)!;
  check(
    rows * hashes < 2 ** 53,
    () =>
      `dhe cannot number ${hashes} hashes of ${rows} rows exactly: their product must stay below 2⁵³, so take fewer hashes.`,
  );
}

interface Sizes {
  readonly hashes: number;
  readonly width: number;
}

/** Learnable floats: (k + 1)·w + (w + 1)·w + (w + 1)·d, weights and biases. */
export const dheFloats = ({ hashes, width, dim }: Sizes & { readonly dim: number }): number =>
  (hashes + 1) * width + (width + 1) * width + (width + 1) * dim;

function sizesOf(options: DheOptions, shape: TableShape): Sizes {
  const hashes = integer("Hashes of dhe", options.hashes ?? dheOptions.hashes.default, 1, 2 ** 16);
  if ("width" in options) return { hashes, width: integer("Width of dhe", options.width, 1, 2 ** 15) };
  return widest(4 * memoryFloats(options, shape), hashes, shape);
}

/** The widest network that fits, with `most` hashes; fewer where a width of 1 would not fit with as many. */
function widest(bytes: number, most: number, { dim }: TableShape): Sizes {
  const floats = floatsWithin(bytes, "dhe", dheFloats({ hashes: 1, width: 1, dim }));
  const hashes = Math.min(most, floats - dheFloats({ hashes: 0, width: 1, dim }));
  // w² + b·w + dim floats, so w is the positive root, rounded down. Roots are rounded correctly, to ever so much less than
  // what is between the root of a whole number and the next whole one.
  const b = hashes + 2 + dim;
  return { hashes, width: Math.floor((Math.sqrt(b * b + 4 * (floats - dim)) - b) / 2) };
}

export const dheFamily = embeddingFamily({
  name: "dhe",
  summary: "a network of --width makes rows of --hashes hash values (DHE)",
  options: {
    ...sizeOptions,
    width: widthOption,
    ...dheOptions,
  },
  make(options) {
    const { width, memorySize, compression, hashes } = options;
    if (width === undefined) return dhe({ ...sizeFrom(options, "dhe"), hashes });
    check(
      memorySize === undefined && compression === undefined,
      () => `dhe's width ${width} says how much memory it takes: leave out width, or compression and memory.`,
    );
    return dhe({ width, hashes });
  },
  fitTo: (bytes, shape, options) => dhe(widest(bytes, filled(dheOptions, options).hashes, shape)),
  example: (_, stream, drawn) => dhe({ ...drawn, width: 1 + stream.integer(6) }),
});
