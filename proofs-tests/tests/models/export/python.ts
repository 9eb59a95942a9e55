import { spawnSync } from "node:child_process";

/** A Python that has torch: Debian's package python3-torch puts it beside its own, which may not be the first on the path. */
const candidates = [process.env.PYTHON, "python3", "/usr/bin/python3"].filter((path) => path !== undefined);

/** The first that has torch; undefined where none has, which TORCH=required does not allow, and TORCH=none asks for. */
export const python =
  process.env.TORCH === "none"
    ? undefined
    : candidates.find((path) => spawnSync(path, ["-c", "import torch"]).status === 0);

if (python === undefined && process.env.TORCH === "required")
  throw new Error(
    `None of ${candidates.join(", ")} has torch, which TORCH=required asks for; install python3-torch.`,
  );
