import { dense, gradients } from "../../core/backward.ts";
import { gamma, unitRoundoff } from "../../core/numeric/number.ts";
import type { Random } from "../../core/numeric/random.ts";
import { add, multiply } from "../../core/ops/arithmetic.ts";
import { sumAll } from "../../core/ops/sum.ts";
import { sizeOf } from "../../core/shape.ts";
import { type Cotangent, type Tensor, tensor } from "../../core/tensor.ts";
import { embeddingLaw } from "./embedding-law.ts";
import { assign } from "./noise.ts";

/**
 * Holds every embedding, whatever it is made of. With all parameters, directions and G in ±½, a point up to one direction
 * away has no number above 1, so a value is a sum of at most 2¹² ‖G‖₁ products no larger than 1 (3 ids a bag, a few
 * products an id), and 2¹⁰ roundings are on the way to each: it is off by at most ρ = γ(2¹⁰) · 2¹² ‖G‖₁.
 */
export const directional = embeddingLaw({
  law: "each parameter's gradient is its directional difference, and so is that gradient's own",
  async check({ embedding: { parameters, forward }, bags, stream }) {
    let worst = 0;
    const inputs = parameters.map((p) => p.tensor);
    for (const x of inputs) assign(x, halves(x, stream));
    const directions = inputs.map((x) => halves(x, stream));
    const output = forward(bags);
    const g = halves(output, stream);
    const rho = gamma(2 ** 10, unitRoundoff.f64) * 2 ** 12 * g.reduce((sum, v) => sum + Math.abs(v), 0);
    const value = () => sumAll(multiply(forward(bags), tensor(output.backend, output.shape, g)));
    const slope = () => alongAll(gradients(value(), inputs), inputs, directions);
    for (const [order, f] of Object.entries({ first: value, second: slope })) {
      const here = f();
      for (const [i, gradient] of gradients(here, inputs).entries()) {
        const { difference, allowed } = await differenceOf(f, here, inputs[i]!, directions[i]!, rho);
        const swept = gradient ? await inner(dense(gradient), directions[i]!) : 0;
        const used = Math.abs(swept - difference) / allowed;
        if (!(used <= 1))
          throw new Error(
            `${order} derivative along ${parameters[i]!.name}: ${swept} by the sweep, ${difference} by differences (± ${allowed})`,
          );
        worst = Math.max(worst, used);
      }
    }
    return worst;
  },
});

const halves = (x: Tensor, stream: Random): number[] =>
  Array.from({ length: sizeOf(x.shape) }, () => stream.uniform() - 0.5);

/** Σ_i ⟨gradient_i, direction_i⟩, as a function of the parameters: its own gradient is a second derivative. */
const alongAll = (
  all: readonly (Cotangent | null)[],
  inputs: readonly Tensor[],
  directions: readonly (readonly number[])[],
): Tensor =>
  all.reduce<Tensor>(
    (sum, gradient, i) => {
      if (gradient === null) return sum;
      const { backend, shape } = inputs[i]!;
      return add(sum, sumAll(multiply(dense(gradient), tensor(backend, shape, directions[i]!))));
    },
    tensor(inputs[0]!.backend, [], [0]),
  );

async function inner(x: Tensor, direction: readonly number[]): Promise<number> {
  const values = await x.data();
  return direction.reduce((sum, v, i) => sum + v * values[i]!, 0);
}

/**
 * The slope of f along one parameter's direction, by central differences at step h, which are exact where f is at most
 * quadratic on the way, as sums of products of two numbers are: rounding adds ρ/h. The third and fourth differences say
 * whether it is; where one is more than its rounding, 6ρ and 16ρ, as at a kink of a layer, h is halved. A cubic c·t³ shows
 * in the third (12·c·h³, for an error of c·h²). A kink that changes the slope by s at a, 0 ≤ a ≤ h, shows as s·a in the
 * third and as s·(2h − 3a) in the fourth: one alone is blind to kinks near to some a, and where both are below what they may
 * be, s is so small that the error, s·(h − a)/2h, is below 5.6ρ/h. (A measured difference is off by its own rounding, at
 * worst as much again; ρ is some million times what rounding does, so that is not allowed for.) The sweep is off by at most ρ.
 */
async function differenceOf(
  f: () => Tensor,
  here: Tensor,
  x: Tensor,
  direction: readonly number[],
  rho: number,
) {
  const start = Array.from(await x.data());
  const at = async (h: number): Promise<number> => {
    assign(
      x,
      start.map((v, i) => v + h * direction[i]!),
    );
    const y = await f().item();
    assign(x, start);
    return y;
  };
  const middle = await here.item();
  for (let h = 1 / 2; h >= 2 ** -30; h /= 2) {
    const [back2, back, ahead, ahead2] = [await at(-2 * h), await at(-h), await at(h), await at(2 * h)];
    const third = ahead2 - 2 * ahead + 2 * back - back2;
    const fourth = ahead2 - 4 * ahead + 6 * middle - 4 * back + back2;
    if (Math.abs(third) <= 6 * rho && Math.abs(fourth) <= 16 * rho)
      return { difference: (ahead - back) / (2 * h), allowed: (6.6 / h + 1) * rho };
  }
  throw new Error("the output is a smooth function of a parameter in no neighborhood");
}
