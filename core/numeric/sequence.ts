import { random } from "./random.ts";

/** Uniform numbers in an order that can be entered anywhere. */
export interface Sequence {
  /** The next number, uniform on [0, 1), 53 bits. */
  uniform(): number;
  /** Makes number `index` the next one, 0 … 2⁵³ − 1. */
  seek(index: number): void;
}

/** Numbers of the first piece, which is one stream: passing over all of them takes some 50 ms. */
const firstPiece = 2 ** 24;

/** Numbers of every other piece: passing over them takes as long as making their stream. */
const piece = 2 ** 10;

/**
 * The sequence called `name` of `seed`. It is that stream, as long as passing over it takes no time. The generator cannot
 * leap: its step adds modulo 2³² and shifts in turn, so no matrix makes n steps of it at once. Beyond, each piece is a
 * stream of its own, and any number is some microseconds away.
 */
export function sequence(seed: number, name: string): Sequence {
  let stream = random(seed, name);
  let next = 0;
  let end = firstPiece;
  const enter = (number: number) => {
    stream = random(seed, name, number);
    end = firstPiece + number * piece;
    next = number === 0 ? 0 : end - piece;
  };
  return {
    uniform() {
      if (next === end) enter((end - firstPiece) / piece + 1);
      next++;
      return stream.uniform();
    },
    seek(index) {
      if (index < next || index >= end)
        enter(index < firstPiece ? 0 : 1 + Math.floor((index - firstPiece) / piece));
      stream.skip(2 * (index - next));
      next = index;
    },
  };
}
