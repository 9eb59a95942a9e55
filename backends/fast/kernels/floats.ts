/** The length of n floats, or words, in memory. */
export function bytes(n: i32): usize {
  return (<usize>n) << 2;
}

/** A size from a job. */
export function word(job: usize, index: i32): i32 {
  return load<i32>(job + bytes(index));
}

/** An address from a job. */
export function address(job: usize, index: i32): usize {
  return load<usize>(job + bytes(index));
}

/** The first of `count` things that thread `thread` of `threads` takes; the next thread's first ends its share. */
export function share(count: i64, thread: i32, threads: i32): i32 {
  return <i32>((count * thread) / threads);
}

/** x · y + sum: in one rounding where the module may fuse them, in two elsewhere. */
export function multiplyAdd(x: v128, y: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(x, y, sum);
  return f32x4.add(sum, f32x4.mul(x, y));
}

/** The sum of a vector's four floats. */
export function laneSum(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) +
    f32x4.extract_lane(x, 1) +
    (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}

// Short runs of floats: the built-in fill and copy are calls out of the module, which cost more than a row does.

export function zero(to: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(to + bytes(i), f32x4.splat(0));
  for (; i < count; i++) store<f32>(to + bytes(i), 0);
}

export function copy(to: usize, from: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(to + bytes(i), v128.load(from + bytes(i)));
  for (; i < count; i++) store<f32>(to + bytes(i), load<f32>(from + bytes(i)));
}

/** to[i] = from[i · stride] */
export function copyStrided(to: usize, from: usize, stride: i32, count: i32): void {
  if (stride === 1) {
    copy(to, from, count);
    return;
  }
  let i = 0;
  if (stride === 0) {
    const one = v128.load_splat<f32>(from);
    for (; i + 4 <= count; i += 4) v128.store(to + bytes(i), one);
  }
  const step = bytes(stride);
  for (; i < count; i++) {
    store<f32>(to + bytes(i), load<f32>(from));
    from += step;
  }
}
