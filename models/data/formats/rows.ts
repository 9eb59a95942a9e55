import { check } from "../../../core/errors.ts";
import { accepted, type Choice, type Given, type Options } from "../../../core/options.ts";
import type { Batch, Dataset, Inputs, Numbers } from "../dataset.ts";
import { encoded } from "../encoders/encoded.ts";
import type { Features } from "../encoders/features.ts";
import { filesNamed } from "../reader/files.ts";
import { columnsBy, placeOf, rawColumns } from "./asked.ts";
import { type TableFormat, tableOptions } from "./table.ts";

/** What is wanted of rows besides what a model reads. */
interface WantedRows {
  readonly features: Features;
  /** Whether rows are to have labels, by which they are measured. */
  readonly isLabeled: boolean;
  /** Columns that are kept as they are. */
  readonly texts?: readonly string[];
  /** Sees the rows, before their columns become features and after. */
  readonly see?: (raw: Inputs<Numbers>, encoded: Inputs) => void;
}

/** A kind of files all of whose rows are read by the features of a saved model: what the command line offers. */
export interface RowsKind<Declared extends Options = Options> extends Choice {
  readonly options: Declared & typeof measuring;
  readonly argument: { readonly form: string };
  /**
   * Throws an InputError for a file that is not there or lacks a column (the latter when it is walked), and for an option that
   * it does not have.
   */
  open(
    argument: string | undefined,
    options: Given<Declared & typeof measuring>,
    wanted: WantedRows & { readonly isLabeled: true },
  ): Dataset;
  open(
    argument: string | undefined,
    options: Given<Declared & typeof measuring>,
    wanted: WantedRows,
  ): Dataset<Inputs>;
}

/** Options of rows that are measured. */
const measuring = { weight: tableOptions.weight, group: tableOptions.group };

/** The kind of rows that files of this format are. */
export function rowsKind<Declared extends Options>(format: TableFormat<Declared>): RowsKind<Declared> {
  const { name, summary, open } = format;
  const kind = { name, summary, argument: { form: "FILE" }, options: { ...format.options, ...measuring } };
  return {
    ...kind,
    open(
      argument: string | undefined,
      options: Given<Declared & typeof measuring>,
      { features, isLabeled, texts = [], see }: WantedRows,
    ): Dataset {
      check(!!argument, () => `--data ${name} needs a FILE: --data ${name}:FILE.`);
      const { weight, group } = accepted(kind, options) as Given<typeof measuring>;
      const { label, ...columns } = columnsBy(features);
      const raw = rawColumns({ ...columns, texts, weight, group, ...(isLabeled && { label }) });
      const extra = {
        weight: placeOf(weight, raw.dense),
        group: placeOf(group, raw.categorical),
        ...(see && { see }),
      };
      // Where they are not labeled, they are no more than the type of that case says.
      return encoded(open(filesNamed(argument), raw, options) as Dataset<Batch<Numbers>>, features, extra);
    },
  };
}
