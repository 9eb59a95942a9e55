/** What this machine can do at most, by the simplest loops: the scale that speeds are read on. */

/** 128 · rounds multiplications and additions in registers, with eight independent chains. */
export function multiplyAdd(rounds: i32, by: f32): f32 {
  const x = f32x4.splat(by);
  let c0 = f32x4.splat(1);
  let c1 = f32x4.splat(2);
  let c2 = f32x4.splat(3);
  let c3 = f32x4.splat(4);
  let c4 = f32x4.splat(5);
  let c5 = f32x4.splat(6);
  let c6 = f32x4.splat(7);
  let c7 = f32x4.splat(8);
  let y = f32x4.splat(by);
  for (let i = 0; i < rounds; i++) {
    c0 = f32x4.add(c0, f32x4.mul(x, y));
    c1 = f32x4.add(c1, f32x4.mul(x, c0));
    c2 = f32x4.add(c2, f32x4.mul(x, y));
    c3 = f32x4.add(c3, f32x4.mul(x, c2));
    c4 = f32x4.add(c4, f32x4.mul(x, y));
    c5 = f32x4.add(c5, f32x4.mul(x, c4));
    c6 = f32x4.add(c6, f32x4.mul(x, y));
    c7 = f32x4.add(c7, f32x4.mul(x, c6));
    y = f32x4.add(y, x);
  }
  const sum = f32x4.add(
    f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3)),
    f32x4.add(f32x4.add(c4, c5), f32x4.add(c6, c7)),
  );
  return (
    f32x4.extract_lane(sum, 0) +
    f32x4.extract_lane(sum, 1) +
    f32x4.extract_lane(sum, 2) +
    f32x4.extract_lane(sum, 3)
  );
}
