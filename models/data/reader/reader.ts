import {
  DENSE_ROWS,
  GAP_COUNT,
  GAPS,
  ID_ROWS,
  JOB,
  LABEL_ROWS,
  LARGEST,
  LINE_COUNT,
  OFFSET_ROWS,
  ROW_COUNT,
  TEXT_ROWS,
  TEXTS,
} from "./kernels/job.ts";

/**
 * The program of a thread that reads a file, parses its lines and posts the rows, ahead of the one who wants them. It is
 * text, since source, build and a bundle would each find a file in another way; it needs nothing but Node and the parser.
 */
export const readerProgram = `
const { isUtf8 } = require("node:buffer");
const { createReadStream } = require("node:fs");
const { pipeline } = require("node:stream");
const { parentPort, workerData } = require("node:worker_threads");
const { createGunzip } = require("node:zlib");

const { module, layout, dense, isWide, tables, file, packed, header, chunk, ahead, taken } = workerData;
const { job, constants, input } = layout;
const memory = new WebAssembly.Memory({ initial: Math.ceil((input + 2 * chunk) / 65536) });
const { parse } = new WebAssembly.Instance(module, { env: { memory, "Math.log": Math.log } }).exports;
let bytes = Buffer.from(memory.buffer);
new Uint32Array(memory.buffer, ${JOB}, job.length).set(job);
new Uint32Array(memory.buffer, constants.at, constants.words.length).set(constants.words);
const words = (at, count) => new Uint32Array(memory.buffer, at, count);
const result = (index) => words(${JOB}, index + 1)[index];

let end = input; // of the bytes that are held: an unfinished record or blank lines, after each chunk
let line = 1; // number of the first line held
let first = true;
let posted = 0;

function post(message, arrays) {
  for (let seen; posted - (seen = Atomics.load(taken, 0)) >= ahead; ) Atomics.wait(taken, 0, seen);
  posted++;
  parentPort.postMessage(message, arrays.map(({ buffer }) => buffer));
}

/** Of fields as they stand; of a record that is not plain they are whatever, to be overwritten. */
function textsOf(count) {
  const ends = words(job[${TEXT_ROWS}], 2 * count);
  return Array.from({ length: count }, (_, i) => bytes.toString("utf8", ends[2 * i], ends[2 * i + 1]));
}

function postRows(size, gapCount) {
  const floats = (Kind, at, count) => new Kind(memory.buffer, at, count).slice();
  const labels = job[${LABEL_ROWS}] === 0 ? [] : [floats(Float32Array, job[${LABEL_ROWS}], size)];
  const features = floats(isWide ? Float64Array : Float32Array, job[${DENSE_ROWS}], size * dense);
  const bags = size * tables;
  const ends = job[${OFFSET_ROWS}] === 0 ? [] : [words(job[${OFFSET_ROWS}], bags + 1).slice()];
  const ids = words(job[${ID_ROWS}], ends.length === 0 ? bags : ends[0][bags]).slice();
  const gaps = words(job[${GAPS}], 4 * gapCount).slice();
  const text = gapCount > 0 ? Uint8Array.from(bytes.subarray(gaps[2], gaps.at(-1))) : new Uint8Array();
  const own = { size, dense: features, ids, gaps, text, line };
  if (labels.length > 0) own.labels = labels[0];
  if (ends.length > 0) own.offsets = ends[0];
  if (job[${TEXTS}] > 0) own.texts = textsOf(size * job[${TEXTS}]);
  post(own, [features, ids, gaps, text, ...labels, ...ends]);
}

/** Bytes of a byte order mark, which only a file's beginning may have. */
const markLength = () =>
  first && bytes[input] === 0xef && bytes[input + 1] === 0xbb && bytes[input + 2] === 0xbf ? 3 : 0;

/** Parses the whole lines up to \`to\`, except a record that is not finished there, unless they are the last. */
function parseTo(to, last) {
  let from = input + markLength();
  first = false;
  for (; line <= header && from < to; line++) from = bytes.indexOf(10, from) + 1;
  const valid = isUtf8(bytes.subarray(from, to));
  for (let next; (next = parse(from, to, valid, last) >>> 0) !== from; from = next) {
    postRows(result(${ROW_COUNT}), result(${GAP_COUNT}));
    line += result(${LINE_COUNT});
  }
  bytes.copyWithin(input, from, end);
  end = input + end - from;
}

/** Where the last line that is not blank ends, among whole lines up to \`to\`; 0 where all are blank. */
function blankFrom(to) {
  const begin = input + markLength();
  while (to > begin && (bytes[to - 1] === 10 || bytes[to - 1] === 13)) to--;
  return to > begin ? bytes.indexOf(10, to) + 1 : 0;
}

/** Parses what is complete in what is held with this piece. Blank lines wait: a file's last ones are no records. */
function take(piece) {
  const missing = end + piece.length + 1 - bytes.length;
  if (missing > 0) {
    memory.grow(Math.ceil(missing / 65536));
    bytes = Buffer.from(memory.buffer);
  }
  bytes.set(piece, end);
  const lastLine = piece.lastIndexOf(10);
  const to = lastLine < 0 ? 0 : blankFrom(end + lastLine + 1);
  end += piece.length;
  if (to > 0) parseTo(to, false);
}

/** Parses what is left: all of it where the file goes on, so that something is wrong with it. */
function takeRest(goesOn) {
  bytes[end++] = 10; // the last line may lack its end
  const to = goesOn ? end : blankFrom(end);
  if (to > 0) parseTo(to, true);
}

/** zlib takes zeros after a member of a gzip file for padding, and leaves what follows them unread, without a word. */
async function checkPadding(from) {
  for await (const piece of createReadStream(file, { start: from }))
    if (piece.some((byte) => byte !== 0))
      throw Object.assign(new Error("bytes that are no padding follow its end"), { code: "Z_DATA_ERROR" });
}

async function read() {
  const source = createReadStream(file, { highWaterMark: chunk });
  // \`pipeline\` carries an error from either stream to the other.
  const gunzip = packed && createGunzip({ chunkSize: chunk });
  const plain = packed ? pipeline(source, gunzip, () => {}) : source;
  for await (const piece of plain) {
    take(piece);
    if (end - input > ${LARGEST}) return takeRest(true);
  }
  if (packed) await checkPadding(gunzip.bytesWritten);
  takeRest(false);
}

read().then(
  () => parentPort.postMessage({ end: true }),
  ({ message, code }) => parentPort.postMessage({ error: { message, code } }),
);
`;
