/**
 * The caller gave something that cannot be used: a shape, a file, a number. The message is one sentence that says
 * what was wrong, with the value, where, and what to do. The command line prints it and exits with code 2.
 */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** A size was asked for that cannot be: a memory too small for what must lie in it, or larger than one can be. */
export class SizeError extends InputError {}

/** Training has diverged: a loss or a prediction is no finite number. */
export class DivergedError extends InputError {}

/** Throws an {@link InputError} with `sentence()` unless `condition` holds. */
export function check(condition: boolean, sentence: () => string): asserts condition {
  if (!condition) throw new InputError(sentence());
}

/** Throws a {@link SizeError} with `sentence()` unless `condition` holds. */
export function checkSize(condition: boolean, sentence: () => string): asserts condition {
  if (!condition) throw new SizeError(sentence());
}

/** What `work` gives, or the {@link InputError} that says why it cannot. Any other error is thrown on. */
export const orRefusal = <Result>(work: Promise<Result>): Promise<Result | InputError> =>
  work.catch((error: unknown) => {
    if (error instanceof InputError) return error;
    throw error;
  });

/** `value` if it is an integer in [low, high]; otherwise an {@link InputError} that names it. */
export function integer(name: string, value: number, low: number, high = Number.MAX_SAFE_INTEGER): number {
  check(
    Number.isInteger(value) && value >= low && value <= high,
    () =>
      `${name} must be a whole number from ${low}${high === Number.MAX_SAFE_INTEGER ? " up" : ` to ${high}`}, but it is ${value}.`,
  );
  return value;
}

/** `value` if it is finite and in [low, high]; otherwise an {@link InputError} that names it. */
export function finite(name: string, value: number, low = -Infinity, high = Infinity): number {
  check(
    Number.isFinite(value) && value >= low && value <= high,
    () =>
      `${name} must be a finite number${low > -Infinity || high < Infinity ? ` from ${low} to ${high}` : ""}, but it is ${value}.`,
  );
  return value;
}
