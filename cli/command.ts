import { InputError } from "../core/errors.ts";
import { chosen } from "../core/options.ts";
import { version } from "./common/machine.ts";
import { flagsOf, readArguments, type Verb } from "./flags.ts";

/** A verb that is loaded when it is asked for: what one needs, others need not wait for. */
export interface VerbEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Verb>;
}

/** Every verb. */
export const verbs: readonly VerbEntry[] = [
  {
    name: "train",
    summary: "train a DLRM: quality, memory, speed",
    load: async () => (await import("./train.ts")).trainVerb,
  },
  {
    name: "predict",
    summary: "score rows with a saved model",
    load: async () => (await import("./predict.ts")).predictVerb,
  },
  {
    name: "tradeoff",
    summary: "compression against quality, iterations and latency",
    load: async () => (await import("./tradeoff.ts")).tradeoffVerb,
  },
  {
    name: "signal",
    summary: "what ids tell of labels, and what memories can keep of it",
    load: async () => (await import("./signal.ts")).signalVerb,
  },
  {
    name: "days",
    summary: "train day by day, measuring each day first",
    load: async () => (await import("./days.ts")).daysVerb,
  },
  {
    name: "importance",
    summary: "which columns a saved model needs, by permuting them",
    load: async () => (await import("./importance.ts")).importanceVerb,
  },
  {
    name: "export",
    summary: "a saved model for ONNX Runtime or PyTorch",
    load: async () => (await import("./export.ts")).exportVerb,
  },
  {
    name: "encode",
    summary: "rows as an exported model reads them",
    load: async () => (await import("./encode.ts")).encodeVerb,
  },
  {
    name: "import",
    summary: "a saved model of numbers that PyTorch trained",
    load: async () => (await import("./import.ts")).importVerb,
  },
  {
    name: "verify",
    summary: "hold ops, embeddings, optimizers and backends to every law",
    load: async () => (await import("./verify.ts")).verifyVerb,
  },
  {
    name: "golden",
    summary: "recompute golden files of outside programs",
    load: async () => (await import("./golden.ts")).goldenVerb,
  },
  {
    name: "inspect",
    summary: "all about a saved model, or memory of an embedding",
    load: async () => (await import("./inspect.ts")).inspectVerb,
  },
  {
    name: "bench",
    summary: "time ops and train steps over backends",
    load: async () => (await import("./bench.ts")).benchVerb,
  },
  {
    name: "prove",
    summary: "try to refute every theorem of the theory here",
    load: async () => (await import("./prove.ts")).proveVerb,
  },
  {
    name: "plan",
    summary: "from a wanted accuracy to a memory size, and back",
    load: async () => (await import("./plan.ts")).planVerb,
  },
];

const help = (): string => `pss-dlrm: recommendation models whose embedding tables share a memory

${verbs.map(({ name, summary }) => `  pss-dlrm ${name.padEnd(10)} ${summary}`).join("\n")}

  pss-dlrm VERB --help says more; --json makes each print JSON.`;

/** Runs the command line; the result is the exit code: 0, 1 where a check failed, 2 for bad input, said in a sentence. */
export async function command(args: readonly string[], all: readonly VerbEntry[] = verbs): Promise<number> {
  try {
    return await runVerb(args, all);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

async function runVerb([name, ...args]: readonly string[], all: readonly VerbEntry[]): Promise<number> {
  if (name === undefined || ["--help", "-h", "help"].includes(name)) {
    console.log(help());
    return 0;
  }
  if (name === "--version") {
    console.log(version());
    return 0;
  }
  return perform(await chosen("verb", all, name).load(), args);
}

/** Runs a verb on what stood behind it. */
async function perform(verb: Verb, args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    const { helpOf } = await import("./common/help.ts");
    console.log(helpOf(verb, Math.min(process.stdout.columns || 80, 80)));
    return 0;
  }
  const given = readArguments(verb, args);
  const texts = (await verb.complete?.(given)) ?? given.texts;
  return verb.run(flagsOf(verb.flags, texts), { ...given, texts });
}
