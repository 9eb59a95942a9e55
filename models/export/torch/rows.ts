import { type Formula, namesIn } from "../../../core/numeric/formula.ts";
import type { PlanGroup, Pooled, Read, Rows } from "../../embeddings/plan.ts";
import { extentsOf } from "../plan.ts";
import { expressionOf } from "./formula.ts";

/** What the function of a group is written by. */
interface Writing {
  readonly tables: readonly number[];
  readonly lines: string[];
  /** Tensors of one number a table, by their numbers. */
  readonly perTable: Map<string, string>;
}

/** The Python function that makes the vectors of a group's bags. */
export function functionOf({ tables, pooled }: PlanGroup, name: string): string {
  const writing: Writing = { tables, lines: [], perTable: new Map() };
  const result = pooledOf(pooled, writing);
  const known = [...writing.perTable].map(
    ([values, own]) => `${own} = whole([${values.replaceAll(",", ", ")}], (1, -1, 1, 1, 1, 1), ids.device)`,
  );
  const lines = [
    `"""[n, ${tables.length}, dim] the vectors of tables ${tables.join(", ")}."""`,
    "row = ids[:, :, :, None, None, None]",
    ...known,
    ...writing.lines,
    `return ${result}`,
  ];
  return `def ${name}(self, ids, present):\n${lines.map((line) => `    ${line}\n`).join("")}`;
}

function pooledOf(pooled: Pooled, writing: Writing): string {
  const of = (part: Pooled) => pooledOf(part, writing);
  switch (pooled.is) {
    case "product":
      return `${of(pooled.left)} * ${of(pooled.right)}`;
    case "plus":
      return `(${of(pooled.left)} + ${of(pooled.right)})`;
    case "scaled": {
      const factors = writing.tables.map((table) => pooled.factors[table]!).join(", ");
      return `${of(pooled.pooled)} * torch.tensor([${factors}], dtype=self.dtype, device=ids.device)[:, None]`;
    }
    case "projected":
      return `${of(pooled.pooled)} @ self.get_parameter("${pooled.matrix}").reshape(${pooled.width}, -1)`;
    case "sum":
      return `summed(${rowsOf(pooled.rows, writing)}, present)`;
    case "mean":
      return `mean(${rowsOf(pooled.rows, writing)}, present)`;
  }
}

/** A Python expression of rows; what it needs stands in lines before it. */
function rowsOf(rows: Rows, writing: Writing): string {
  const of = (part: Rows) => rowsOf(part, writing);
  switch (rows.is) {
    case "read":
      return readOf(rows, writing);
    case "add":
      return `(${of(rows.left)} + ${of(rows.right)})`;
    case "multiply":
      return `${of(rows.left)} * ${of(rows.right)}`;
    case "only": {
      const is = elementsOf("only", rows.when, { width: 1, block: 1 }, writing);
      return `${of(rows.rows)} * ${is}.to(self.dtype)`;
    }
    case "codes": {
      const hash = elementsOf("hash", rows.hash, { ...rows, block: rows.width }, writing);
      return `((2 * ${hash} + 1).to(self.dtype) / ${rows.steps} - 1)`;
    }
    case "layers":
      return `self.layers("${rows.name}", ${of(rows.rows)}, ${rows.sizes.length - 1}, logit=True)`;
    case "train":
      return `train(${rows.cores.map(of).join(", ")}, (${rows.columns.join(", ")}), ${rows.rank})`;
  }
}

function readOf(read: Read, writing: Writing): string {
  const found = elementsOf("slot", read.slot, read, writing);
  // Row 0 stands for no id; a map that was learned, or is of some rows only, may not have it.
  const slots = namesIn(read.slot).has("search") ? `${found} * present[..., None]` : found;
  const parts = [`self.get_parameter("${read.from}")`, slots];
  if (read.negative) parts.push(elementsOf("negative", read.negative, read, writing));
  return assigned("values", `read(${parts.join(", ")})`, writing);
}

/** Names what an expression gives, in a line of its own. */
function assigned(stem: string, expression: string, { lines }: Writing): string {
  const name = `${stem}_${lines.length}`;
  lines.push(`${name} = ${expression}`);
  return name;
}

function elementsOf(
  stem: string,
  formula: Formula,
  { width, block, column }: { readonly width: number; readonly block: number; readonly column?: number },
  writing: Writing,
): string {
  const { tables, perTable } = writing;
  const extents = extentsOf(width, block);
  const sizes = `${extents.block}, ${extents.word}, ${extents.bit}`;
  const named = (values: readonly number[]): string => {
    const known = perTable.get(`${values}`) ?? `table_${perTable.size}`;
    perTable.set(`${values}`, known);
    return known;
  };
  const places = `block, word, bit = places(${sizes}, ids.device)`;
  if (writing.lines.findLast((line) => line.startsWith("block, ")) !== places) writing.lines.push(places);
  const expression = expressionOf(formula, { tables, extents, named });
  const numbers = namesIn(formula).has("row") ? expression : `row * 0 + ${expression}`;
  const own = assigned(stem, numbers, writing);
  const only = column === undefined ? "" : `, ${column}`;
  return `elements(${own}, ids, ${sizes}, ${block}, ${width}${only})`;
}
