import { type Gpu, gpuOn } from "../../backends/gpu/index.ts";
import { type Mode, openDevice } from "../../backends/gpu/library.ts";
import type { Form } from "../../core/form.ts";

/** A fault put into the text of kernels on their way to gpu.js. */
export interface BrokenKernel {
  readonly fault: string;
  /** The form that goes wrong, and the hard form or training step that must show it. */
  readonly form: Form["kind"];
  readonly shownBy: "training" | { readonly hardForm: string };
  /** Changes a kernel's source; what it leaves as it is was not the kernel in question. */
  readonly source?: (source: string) => string;
  readonly loopMaxIterations?: number;
}

export const brokenKernels: readonly BrokenKernel[] = [
  {
    fault: "walks the rows of a product with the wrong stride",
    form: "matmul",
    shownBy: "training",
    source: (text) =>
      text.replace(/in0\[axis0 \* (\d+) \+ l\]/, (_, k) => `in0[axis0 * ${Math.max(Number(k) - 1, 1)} + l]`),
  },
  {
    fault: "drops the bias",
    form: "matmul",
    shownBy: "training",
    source: (text) => text.replace("let sum = in2[axis1];", "let sum = 0;"),
  },
  {
    fault: "does not wrap at the end of memory",
    form: "gather",
    shownBy: { hardForm: "gather: a block as long as memory" },
    source: (text) =>
      text.replace("element < untilEnd ? starts[at] + element : element - untilEnd", "starts[at] + element"),
  },
  {
    fault: "reads the sign of the neighboring element",
    form: "gather",
    shownBy: "training",
    source: (text) => text.replace("let power = 1;", "let power = 2;"),
  },
  {
    fault: "cuts a loop at 1,000 rounds",
    form: "gather",
    shownBy: { hardForm: "gather: a bag of 1,500 items" },
    loopMaxIterations: 1000,
  },
  {
    fault: "cuts a loop at 1,000 rounds",
    form: "scatter",
    shownBy: { hardForm: "scatter: a slot with 1,500 readers" },
    loopMaxIterations: 1000,
  },
];

/** A mode of gpu.js whose kernels have the fault. `touched` tells whether any kernel was changed. */
export async function brokenGpu(
  mode: Mode,
  { source = (text) => text, loopMaxIterations }: BrokenKernel,
): Promise<{ backend: Gpu; touched: () => boolean }> {
  const device = await openDevice(mode);
  let touched = loopMaxIterations !== undefined;
  const backend = gpuOn({
    ...device,
    compile(text, settings) {
      const broken = source(text);
      touched ||= broken !== text;
      return device.compile(broken, { ...settings, ...(loopMaxIterations && { loopMaxIterations }) });
    },
  });
  return { backend, touched: () => touched };
}
