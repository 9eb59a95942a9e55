import { escaped, shown, shownWord } from "../../core/errors.ts";
import { bytes, count, counted, grouped, percent } from "../../core/format.ts";
import { scalingInWords } from "../../models/data/encoders/scaling.ts";
import { partNames } from "../../models/data/split.ts";
import type { Judge } from "../../models/dlrm/early-stopping.ts";
import type { Json } from "../../models/dlrm/saved/json.ts";
import type { PartQuality } from "../../models/dlrm/saved/quality.ts";
import { loadInWords } from "./embedding.ts";
import type { Stretch } from "./history.ts";
import { type Head, labeledWithin, tableWithin } from "./lines.ts";
import type { Report } from "./report.ts";

/** What `inspect FILE` prints on lines of `width` characters; a path and a command may be longer. */
export function describeModel(report: Report, width: number): string {
  const said = (label: string, ...sentences: readonly string[]) => labeledWithin(label, sentences, width);
  const load = report.embedding.load && loadInWords(report.embedding.load);
  return [
    `file        ${shownWord(report.file)}`,
    ...said("", fileInWords(report)),
    ...said("predicts", report.label === null ? "–" : `the probability of ${shown(report.label)} = 1`),
    ...said("data", ...dataInWords(report)),
    ...columnsInWords(report, width),
    ...said("embedding", ...embeddingInWords(report)),
    ...(load ? [...said("slot load", load[0]), ...said("collisions", load[1])] : []),
    ...said("layers", ...layersInWords(report)),
    ...said("optimizer", ...optimizerInWords(report)),
    ...said("whole model", `${counted(report.model.floats, "float")}, ${bytes(report.model.bytes)}`),
    ...said("history", ...historyInWords(report)),
    ...said("kept", ...keptInWords(report)),
    ...qualityInWords(report, width),
    `next        ${report.next}`,
  ].join("\n");
}

const unknown = "–";

/** A value, or a dash where it is not known. */
const orDash = <Value>(value: Value | null, of: (value: Value) => string): string =>
  value === null ? unknown : of(value);

function fileInWords({ bytes: size, changed, version }: Report): string {
  const by = version === null ? "" : `, written by version ${shownWord(version)} of pss-dlrm`;
  return `${bytes(size)}, last changed ${changed.slice(0, 16).replace("T", " ")} UTC${by}`;
}

function dataInWords({ data, samplingRate }: Report): string[] {
  const sampled =
    samplingRate === 1
      ? []
      : [`kept ${percent(samplingRate)} of the rows labeled 0; probabilities are of all`];
  if (data === null) return [unknown, ...sampled];
  const parts = partNames.map((name) =>
    orDash(
      data.rows[name],
      ({ rows, ones }) => `${count(rows)}${rows > 0 ? ` (${percent(ones / rows)})` : ""}`,
    ),
  );
  const isKnown = partNames.some((name) => data.rows[name] !== null);
  return [
    orDash(data.name, escaped),
    ...(isKnown
      ? [
          `rows ${parts[0]} to train on, ${parts[1]} to choose by, ${parts[2]} to test on; in brackets those labeled 1`,
        ]
      : []),
    `identity ${data.identity}: the same of models trained on the same rows`,
    ...sampled,
  ];
}

const short = (x: number): string => String(Number(x.toPrecision(7)));

function columnsInWords({ columns }: Report, width: number): string[] {
  if (columns === null) return labeledWithin("columns", [unknown], width);
  const { dense, categorical } = columns;
  const numbers = dense.map(({ column, scaling, range }) => {
    if (scaling.kind === "quantile" && scaling.numbers.length === 0) return [shownWord(column), "no number"];
    const isSaid = scaling.kind === "quantile" || range === null; // by the quantiles themselves
    const seen = isSaid ? "" : `; seen from ${short(range[0])} to ${short(range[1])}`;
    return [shownWord(column), `${scalingInWords(scaling)}${seen}`];
  });
  const isOfLists = categorical.some(({ separator }) => separator !== null);
  const ids = categorical.map(({ column, rows, distinct, separator, exact }) => [
    shownWord(column),
    rows.toLocaleString("en-US"),
    distinct.toLocaleString("en-US"),
    exact ? "a row each" : "hashed",
    ...(isOfLists ? [separator === null ? "" : shown(separator)] : []),
  ]);
  const heads: Head[] = [
    { name: "of ids" },
    { name: "table rows", isNumber: true },
    { name: "ids seen", isNumber: true },
    { name: "ids have" },
    ...(isOfLists ? [{ name: "lists by" }] : []),
  ];
  return [
    ...(dense.length === 0
      ? []
      : [
          ...tableWithin("columns", [{ name: "of numbers" }, { name: "scaled by" }], numbers, width),
          ...labeledWithin("", ["a missing number becomes 0 after scaling"], width),
        ]),
    ...(categorical.length === 0 ? [] : tableWithin(dense.length === 0 ? "columns" : "", heads, ids, width)),
  ];
}

/** Options of a family or an optimizer, in a sentence. */
const optionsInWords = (options: { readonly [name: string]: Json }): string =>
  Object.entries(options)
    .map(([name, value]) => `, ${shownWord(name)} ${shownWord(JSON.stringify(value).replaceAll('"', ""))}`)
    .join("");

const widths: Readonly<Record<string, string>> = {
  F16: "16 bits",
  F32: "32 bits",
  F64: "64 bits",
  I8: "8 bits",
  U8: "4 bits", // two in a byte: see `packed.ts`
  U32: "32 bits",
};

function embeddingInWords({ embedding, columns }: Report): string[] {
  const { family, options, seed, tables, dim, rows, floats, storage, ids, compression } = embedding;
  const kept = storage.map((dtype) => widths[dtype]).join(" and ");
  const known =
    columns === null || columns.categorical.length === 0 ? "rows that its data looks up" : "ids seen";
  return [
    `${shownWord(family)}${optionsInWords(options)}; seed ${seed}`,
    `${counted(tables, "table")} of ${counted(rows, "row")} of dim ${dim}`,
    `memory ${counted(floats, "float")}, ${bytes(embedding.bytes)}; floats of ${kept} in this file`,
    `compression against the tables: ${timesInWords(compression.ofTables)}`,
    ids === null
      ? `compression against the ids that occur: ${unknown}, they are not counted in this file`
      : `compression against a row for each of the ${count(ids)} ${known}: ${orDash(compression.ofIds, timesInWords)}`,
    `guarantee ${orDash(embedding.guarantee, (sentence) => sentence)}`,
  ];
}

/** How many times as much the whole would take. */
const timesInWords = (factor: number): string =>
  `${grouped(factor, 4)}×${factor < 1 ? ", so it takes more than these would" : ""}`;

function layersInWords({ layers }: Report): string[] {
  const { bottom, top, interaction, itself, loss, clamp, floats, bytes: size } = layers;
  return [
    `bottom ${bottom.join("-")}, ${interaction}${itself ? " with itself" : ""}, top ${top.join("-")}; loss ${loss}${clamp > 0 ? `, probabilities clamped by ${clamp}` : ""}`,
    `${counted(floats, "float")}, ${bytes(size)}`,
  ];
}

function optimizerInWords({ optimizer }: Report): string[] {
  if (optimizer === null) return [unknown];
  const { name, learningRate, options, state } = optimizer;
  const kept =
    state.floats > 0
      ? `its state is kept: ${counted(state.floats, "float")}, ${bytes(state.bytes)}`
      : state.arrays === 0
        ? "it has no state"
        : "its state is not kept";
  return [`${shownWord(name)}, rate ${learningRate}${optionsInWords(options)}; ${kept}`];
}

function historyInWords({ history }: Report): string[] {
  if (history.length === 0) return [unknown];
  return history.map((stretch, i) => stretchInWords(stretch, history[i - 1]));
}

function stretchInWords(stretch: Stretch, before: Stretch | undefined): string {
  const { data, rows, model, from, to, epochs, learningRate, batch } = stretch;
  if (data === null && rows === null && learningRate === null) return "something that a program noted";
  const steps = from === null || to === null ? `steps ${unknown}` : `steps ${count(from)} to ${count(to)}`;
  const walked = orDash(epochs, (x) => counted(Number(x.toPrecision(3)), "epoch"));
  const goesOn = model === null ? (before ? "resumed: " : "") : `${shownWord(model)} went on: `;
  const rate = `rate ${orDash(learningRate, String)}`;
  const changed = before && before.learningRate !== learningRate && before.learningRate !== null;
  return `${goesOn}${steps}, ${walked} of ${orDash(rows, (n) => counted(n, "row"))} of ${orDash(data, shownWord)}, batch ${orDash(batch, count)}, ${rate}${changed ? ` (${before.learningRate} before)` : ""}`;
}

const measuredInWords = ({ judge, value }: { judge: Judge; value: number }): string =>
  `validation ${judge === "auc" ? "AUC" : "log loss"}, ${value.toFixed(4)}`;

function keptInWords({ training }: Report): string[] {
  if (training === null) return [unknown];
  const { step, priorSteps, ended, best } = training;
  const prior =
    priorSteps === null || priorSteps === 0 ? "" : `, after ${counted(priorSteps, "step")} on other rows`;
  const isBest = best?.step === step;
  return [
    `step ${count(step)}${ended ? ` of ${count(ended.step)}` : ""}${prior}${isBest ? `: its ${measuredInWords(best)}, is the best` : ""}`,
    ...(best && !isBest ? [`the best ${measuredInWords(best)}, was that of step ${count(best.step)}`] : []),
    ended === null
      ? "the training had not ended when this was written"
      : ended.early
        ? "the training ended early, by --patience"
        : "the training took all of its steps",
    ...(ended === null || ended.shift === 0
      ? []
      : [`calibrated: the logit moved by ${ended.shift > 0 ? "+" : "−"}${Math.abs(ended.shift).toFixed(4)}`]),
  ];
}

function qualityInWords({ quality }: Report, width: number): string[] {
  if (quality === null) return labeledWithin("quality", [`${unknown}, not kept in this file`], width);
  const heads: Head[] = [
    { name: "rows" },
    { name: "AUC (95 % interval)" },
    { name: "log loss", isNumber: true },
    { name: "calibration", isNumber: true },
  ];
  const row = ({ rows, auc, logLoss, calibration }: PartQuality, name: string) => [
    `${count(rows)} ${name}`,
    orDash(
      auc,
      ({ value, interval }) => `${value.toFixed(4)} (${interval.map((x) => x.toFixed(4)).join(" … ")})`,
    ),
    logLoss.toFixed(4),
    orDash(calibration, (x) => x.toFixed(3)),
  ];
  const rows = [row(quality.validation, "to choose by"), row(quality.test, "to test on")];
  return [
    ...tableWithin("quality", heads, rows, width),
    ...labeledWithin(
      "",
      ["when it was saved; the rows to choose by may have chosen and calibrated it"],
      width,
    ),
  ];
}
