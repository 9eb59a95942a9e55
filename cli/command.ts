import { InputError } from "../core/errors.ts";
import { chosen } from "../core/options.ts";
import { benchVerb } from "./bench.ts";
import { flagsOf, readArguments, type Verb } from "./flags.ts";
import { goldenVerb } from "./golden.ts";
import { helpOf } from "./help.ts";
import { inspectVerb } from "./inspect.ts";
import { version } from "./machine.ts";
import { planVerb } from "./plan.ts";
import { proveVerb } from "./prove.ts";
import { tradeoffVerb } from "./tradeoff.ts";
import { trainVerb } from "./train.ts";

/** Every verb. */
export const verbs: readonly Verb[] = [
  trainVerb,
  tradeoffVerb,
  goldenVerb,
  inspectVerb,
  benchVerb,
  proveVerb,
  planVerb,
];

const help = (): string => `pss-dlrm: recommendation models whose embedding tables share a memory

${verbs.map(({ name, summary }) => `  pss-dlrm ${name.padEnd(9)} ${summary}`).join("\n")}

  pss-dlrm VERB --help says more; --json makes each print JSON.`;

/** Runs the command line; the result is the exit code: 0, 1 where a check failed, 2 for bad input, said in a sentence. */
export async function command(args: readonly string[], all: readonly Verb[] = verbs): Promise<number> {
  try {
    return await runVerb(args, all);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

async function runVerb([name, ...args]: readonly string[], all: readonly Verb[]): Promise<number> {
  if (name === undefined || ["--help", "-h", "help"].includes(name)) {
    console.log(help());
    return 0;
  }
  if (name === "--version") {
    console.log(version());
    return 0;
  }
  return perform(chosen("verb", all, name), args);
}

/** Runs a verb on what stood behind it. */
async function perform(verb: Verb, args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(helpOf(verb, Math.min(process.stdout.columns || 80, 80)));
    return 0;
  }
  const given = readArguments(verb, args);
  const texts = (await verb.complete?.(given)) ?? given.texts;
  return verb.run(flagsOf(verb.flags, texts), { ...given, texts });
}
