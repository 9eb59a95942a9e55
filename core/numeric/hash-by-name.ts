import { InputError } from "../errors.ts";
import {
  type AffineCoefficients,
  affine,
  authorsPrime,
  drawBelow,
  type Hash,
  mixer,
  polynomial,
  polynomialCoefficients,
} from "./hash.ts";
import { random } from "./random.ts";

/** The families that a scheme can hash blocks with. */
export const hashNames = [
  "affine",
  "affineTable",
  "mersenne31",
  "mersenne61",
  "polynomial4",
  "mixer",
] as const;
export type HashName = (typeof hashNames)[number];

/**
 * r1 … r10 of the ROBE authors' programs for the seeds that are in use: they draw them with NumPy's legacy
 * generator, which is not re-implemented here.
 */
export const authorsCoefficients: Readonly<Record<number, readonly number[]>> = {
  0: [
    209652396, 398764591, 924231285, 1478610112, 441365315, 1537364731, 192771779, 1491434855, 1819583497,
    530702035,
  ],
  1: [
    1791095845, 946286476, 1857819720, 491263, 550290313, 1298508491, 630311759, 1013994432, 396591248,
    1703301249,
  ],
  2: [
    1872583848, 794921487, 111352301, 1853453896, 213298710, 1922988331, 1869695442, 1805465960, 1376693511,
    1418777250,
  ],
  3: [
    218175338, 303761048, 893988089, 1460070019, 1249426360, 521102280, 46504192, 297689877, 1687694333,
    1877166739,
  ],
  5: [
    953453411, 236996814, 1592283119, 1423042237, 887852006, 1562238070, 1797920144, 385778404, 479936231,
    1703970750,
  ],
  7: [
    327741615, 976413892, 1202242073, 1369975286, 1882953283, 959775639, 1956722279, 1322904761, 165338510,
    1133316631,
  ],
  42: [
    1608637542, 1273642419, 1935803228, 787846414, 996406378, 1201263687, 423734972, 415968276, 670094950,
    1914837113,
  ],
  99: [
    739930753, 955800611, 1425706152, 1397991113, 1005291240, 135061202, 863327300, 1323064517, 830273460,
    281824641,
  ],
  101: [
    70431583, 225658379, 303514961, 1944264518, 122295871, 736679933, 5713995, 795758575, 146505097,
    1434076109,
  ],
  123: [
    843828734, 914636141, 1228959102, 1840268610, 974319580, 819844194, 220395238, 941243409, 942612051,
    1817228411,
  ],
  1024: [
    634329019, 1825252241, 871205356, 80759397, 1857946201, 679088993, 343857360, 425474381, 538847776,
    1086915907,
  ],
  1234: [
    822569775, 524453158, 1365105717, 1880026316, 481516916, 1225605784, 1165481977, 1202486927, 1549064881,
    1170776343,
  ],
  2024: [
    378019464, 1104465402, 855165536, 1025411712, 808106523, 408516132, 188156350, 1688125623, 880549673,
    455536577,
  ],
};

/** The hash `name` with coefficients drawn from `seed` (the authors' own, for `affine` at a seed of theirs). */
export function hashByName(name: HashName, seed: number): Hash {
  const drawn = (prime: number): AffineCoefficients => {
    const [r1, r2, r3] = drawBelow(prime, 3, random(seed, `hash.${name}`)) as [number, number, number];
    return { prime, r1, r2, r3 };
  };
  switch (name) {
    case "affine":
      return affine(authorsAffine(seed) ?? drawn(authorsPrime));
    case "affineTable":
      return affine({
        ...drawn(authorsPrime),
        r4: random(seed, "hash.affineTable.r4").integer(authorsPrime),
      });
    case "mersenne31":
      return affine(drawn(2 ** 31 - 1));
    case "mersenne61":
      return polynomial(polynomialCoefficients(2, seed, "hash.mersenne61"));
    case "polynomial4":
      return polynomial(polynomialCoefficients(4, seed, "hash.polynomial4"));
    case "mixer":
      return mixer(seed);
    default:
      throw new InputError(`There is no hash "${name}"; choose one of ${hashNames.join(", ")}.`);
  }
}

function authorsAffine(seed: number): AffineCoefficients | undefined {
  const numbers = authorsCoefficients[seed];
  return numbers && { prime: authorsPrime, r1: numbers[0]!, r2: numbers[1]!, r3: numbers[2]! };
}
