/** biome-ignore-all lint/suspicious/noTemplateCurlyInString: texts of other files, which have templates. */
import type { Planted } from "../planted.ts";

const batched = "proofs-tests/tests/models/dlrm/serving/batched.test.ts";
const renewed = "proofs-tests/tests/models/dlrm/serving/renewed.test.ts";
const server = "proofs-tests/tests/examples/serving/serve.test.ts";
const alone = "proofs-tests/tests/models/dlrm/one-row.test.ts";
const bench = "proofs-tests/tests/cli/bench/serve.test.ts";

/** Faults of models that are served, and of what is measured of them. */
export const serving: readonly Planted[] = [
  {
    file: "models/dlrm/one-row.ts",
    was: "parameters.every((p, i) => p.tensor.handle === places[i])",
    becomes: "parameters.length > 0",
    tells: "Rows that come one by one are scored with weights that the model no longer has.",
    seenBy: alone,
  },
  {
    file: "models/dlrm/one-row.ts",
    was: "!bags.offsets.every((at, table) => at === table)",
    becomes: "false",
    tells: "A row with two ids in a column is scored as another row.",
    seenBy: alone,
  },
  {
    file: "backends/fast/tape.ts",
    was: "if (source) known(source.ids, source.renew);",
    becomes: "if (source) steps.push(source.renew);",
    tells: "Rows that come one by one have the embeddings of the first, where ids are put in another order.",
    seenBy: alone,
  },
  {
    file: "backends/fast/tape.ts",
    was: "give: (address) => void given.push(address)",
    becomes: "give: heap.give",
    tells: "What is scored between two rows changes the second one's score.",
    seenBy: alone,
  },
  {
    file: "backends/fast/tape.ts",
    was: "if (homes.some(isOutside)) spoil();",
    becomes: "",
    tells:
      "Rows that come one by one have the embeddings of the first, where a table is too large for WebAssembly.",
    seenBy: alone,
  },
  {
    file: "models/dlrm/serving/batched.ts",
    was: "at += rows.length;",
    becomes: "at += 1;",
    tells: "Callers get the scores of rows that others sent.",
    seenBy: batched,
  },
  {
    file: "models/dlrm/serving/batched.ts",
    was: "if (asked.length === 1) return asked[0]!.refuse(error);",
    becomes: "if (asked.length > 0) return asked.forEach(({ refuse }) => refuse(error));",
    tells: "One bad row is told to everybody whose rows came with it.",
    seenBy: batched,
  },
  {
    file: "models/dlrm/serving/batched.ts",
    was: "Promise.resolve(working).then(() => scorer.close())",
    becomes: "scorer.close()",
    tells: "A model is closed while rows wait for it.",
    seenBy: batched,
  },
  {
    file: "models/dlrm/serving/batched.ts",
    was: "await turn();",
    becomes: "",
    tells: "What comes while a batch is scored goes alone.",
    seenBy: batched,
  },
  {
    file: "models/dlrm/serving/renewed.ts",
    was: "const isWhole = mark === (await markOf(path));",
    becomes: "const isWhole = true;",
    tells: "A model is served that was read half from one file and half from another.",
    seenBy: renewed,
  },
  {
    file: "models/dlrm/serving/renewed.ts",
    was: "await (isWhole ? old : next).close();",
    becomes: "",
    tells: "Each model that was replaced keeps its memory.",
    seenBy: renewed,
  },
  {
    file: "models/dlrm/serving/renewed.ts",
    was: "featuresOf(found.about, shownWord(path));",
    becomes: "",
    tells: "A model that can score no row takes the place of one that does.",
    seenBy: renewed,
  },
  {
    file: "examples/13-serve.ts",
    was: "await after(100);",
    becomes: "",
    tells: "A server that is asked to stop drops requests that have come.",
    seenBy: server,
  },
  {
    file: "examples/serving/requests.ts",
    was: "if (refusal !== undefined) drop();",
    becomes: "",
    tells: "What is kept of bodies that are too long is memory of others until their last byte.",
    seenBy: server,
  },
  {
    file: "examples/serving/requests.ts",
    was: "  } finally {\n    drop();\n",
    becomes: "  } finally {\n",
    tells: "A server has room for 16 MiB of requests, then for none ever again.",
    seenBy: server,
  },
  {
    file: "cli/bench/serve.ts",
    was: "p99: ofOne(0.99)",
    becomes: "p99: ofOne(0.9)",
    tells: "One row in ten takes longer than 99 % are said to.",
    seenBy: bench,
  },
  {
    file: "cli/bench/serve.ts",
    was: "(1000 * large) / median",
    becomes: "1000 / median",
    tells: "Batches a second are called rows a second.",
    seenBy: bench,
  },
  {
    file: "cli/bench/serve.ts",
    was: "performance.now() - began;",
    becomes: "performance.now() - began - 100;",
    tells: "The first answer comes sooner than it does.",
    seenBy: bench,
  },
];
