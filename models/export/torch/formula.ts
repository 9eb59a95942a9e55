import { type Formula, lifted, plus, times, type Variable } from "../../../core/numeric/formula.ts";

/** What a formula is printed for: the tables of a group, and axes of length 1, on which a number is 0. */
export interface Printing {
  readonly tables: readonly number[];
  readonly extents: Readonly<Record<Exclude<Variable, "row">, number>>;
  /** The name of a tensor of one number a table of the group. */
  readonly named: (values: readonly number[]) => string;
}

/** How tightly Python binds an operator; what binds tighter needs no brackets within. */
const binding = { less: 1, xor: 2, add: 3, multiply: 4, quotient: 4, remainder: 4 } as const;
const sign = { less: "<", xor: "^", add: "+", multiply: "*", quotient: "//", remainder: "%" } as const;
const atom = 5;

/** A formula as a Python expression of row, block, word and bit. */
export const expressionOf = (formula: Formula, printing: Printing): string =>
  printed(simplified(formula, printing), printing).text;

/** Without the axes on which there is one number. */
function simplified(formula: Formula, printing: Printing): Formula {
  const of = (part: Formula) => simplified(part, printing);
  switch (formula.op) {
    case "variable":
      return formula.name !== "row" && printing.extents[formula.name] === 1 ? lifted(0) : formula;
    case "add":
      return plus(of(formula.left), of(formula.right));
    case "multiply": {
      const [left, right] = [of(formula.left), of(formula.right)];
      return [left, right].some((x) => x.op === "number" && x.value === 0n) ? lifted(0) : times(left, right);
    }
    case "quotient":
    case "remainder":
    case "xor":
    case "less":
      return { ...formula, left: of(formula.left), right: of(formula.right) };
    case "bit":
      return { ...formula, of: of(formula.of), at: of(formula.at) };
    case "polynomial61":
    case "mix":
    case "search":
      return { ...formula, of: of(formula.of) };
    case "choose":
      return { ...formula, when: of(formula.when), yes: of(formula.yes), no: of(formula.no) };
    default:
      return formula;
  }
}

interface Printed {
  readonly text: string;
  readonly binds: number;
}

function printed(formula: Formula, printing: Printing): Printed {
  const whole = (part: Formula) => printed(part, printing).text;
  const call = (name: string, ...parts: readonly string[]) => ({
    text: `${name}(${parts.join(", ")})`,
    binds: atom,
  });
  switch (formula.op) {
    case "number":
      return { text: `${formula.value}`, binds: atom };
    case "variable":
      return { text: formula.name, binds: atom };
    case "perTable":
      return { text: printing.named(printing.tables.map((table) => formula.values[table]!)), binds: atom };
    case "bit": {
      const word = bracketed(printed(formula.of, printing), atom);
      const isFirst = formula.at.op === "number" && formula.at.value === 0n;
      const shifted = isFirst ? word : `(${word} >> ${bracketed(printed(formula.at, printing), atom)})`;
      return { text: `(${shifted} & 1)`, binds: atom };
    }
    case "polynomial61":
      return call("polynomial61", whole(formula.of), ...formula.coefficients.map(String));
    case "mix":
      return call("mix", whole(formula.of));
    case "search":
      return call("search", `self.others[${JSON.stringify(formula.array)}]`, whole(formula.of));
    case "choose":
      return call("torch.where", `${whole(formula.when)}`, whole(formula.yes), whole(formula.no));
    default: {
      const binds = binding[formula.op];
      // Python reads a < b < c as a < b and b < c.
      const left = bracketed(printed(formula.left, printing), formula.op === "less" ? binds + 1 : binds);
      const right = bracketed(printed(formula.right, printing), binds + 1);
      return { text: `${left} ${sign[formula.op]} ${right}`, binds };
    }
  }
}

const bracketed = ({ text, binds }: Printed, least: number): string => (binds < least ? `(${text})` : text);
