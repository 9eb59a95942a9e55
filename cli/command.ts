import { parseArgs } from "node:util";
import { InputError } from "../core/errors.ts";
import { benchVerb } from "./bench.ts";
import type { Flags, Verb } from "./flags.ts";
import { conformVerb } from "./golden.ts";
import { inspectVerb } from "./inspect.ts";
import { planVerb } from "./plan.ts";
import { proveVerb } from "./prove.ts";
import { tradeoffVerb } from "./tradeoff.ts";
import { trainVerb } from "./train.ts";

const verbs: readonly Verb[] = [
  trainVerb,
  tradeoffVerb,
  conformVerb,
  inspectVerb,
  benchVerb,
  proveVerb,
  planVerb,
];

const help = `pss-dlrm: recommendation models whose embedding tables share a memory

${verbs.map(({ name, summary }) => `  pss-dlrm ${name.padEnd(9)} ${summary}`).join("\n")}

  pss-dlrm VERB --help says more; --json makes each print JSON.`;

/** Runs the command line; the result is the exit code: 0, 1 where a check failed, 2 for bad input, said in a sentence. */
export async function command(args: readonly string[]): Promise<number> {
  try {
    return await runVerb(args);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

async function runVerb([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === "--help" || name === "help") {
    console.log(help);
    return 0;
  }
  const verb = verbs.find((v) => v.name === name);
  if (verb === undefined)
    throw new InputError(`There is no verb "${name}"; choose one of ${verbs.map((v) => v.name).join(", ")}.`);
  const { values, positionals } = parse(verb, args);
  if (values.help) {
    console.log(verb.help);
    return 0;
  }
  if (name === "train" && positionals.length > 0)
    throw new InputError(
      `train takes flags only, but was given "${positionals.join(" ")}"; see pss-dlrm train --help.`,
    );
  return verb.run(values, positionals);
}

function parse(verb: Verb, args: readonly string[]): { values: Flags; positionals: string[] } {
  const options = { ...verb.options, json: { type: "boolean" }, help: { type: "boolean" } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return { values: values as Flags, positionals };
  } catch (error) {
    const [first] = (error as Error).message.split(/\.\s/);
    throw new InputError(`${first}; see pss-dlrm ${verb.name} --help.`);
  }
}
