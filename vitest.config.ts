import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** The package by its name is its source, not what was built of it at some time. */
export const resolve = {
  alias: [
    { find: /^pss-dlrm$/, replacement: fileURLToPath(new URL("index.ts", import.meta.url)) },
    { find: /^pss-dlrm\/(\w+)$/, replacement: fileURLToPath(new URL("$1.ts", import.meta.url)) },
  ],
};

const tests = "proofs-tests/tests";

/** Seconds each: they run beside others, not after them. */
const long = ["core/half", "core/optimizers", "models/embeddings/laws"].map(
  (name) => `${tests}/${name}.test.ts`,
);

/**
 * Files that share a process, so that what they import is loaded once. All others have one of their own: they run commands,
 * hold a device, or put stubs in place of modules, which those after them would meet.
 */
const sharing = ["core", "models", "theory"]
  .flatMap((room) =>
    readdirSync(`${tests}/${room}`, { recursive: true }).map((file) => `${tests}/${room}/${file}`),
  )
  .filter((file) => file.endsWith(".test.ts") && !long.includes(file))
  .filter((file) => !readFileSync(file, "utf8").includes("vi.mock("));

/** How much of two values that differ is compared line by line: that takes the square of it, of 70,000 numbers many minutes. */
export const diff = { truncateThreshold: 2000 };

const project = (name: string, isolate: boolean, include: string[], exclude: string[] = []) => ({
  resolve,
  test: {
    name,
    isolate,
    diff,
    include,
    exclude,
    setupFiles: ["proofs-tests/tests/seed.ts"],
    // Only to end what hangs: a busy machine takes ten times as long as an idle one, and is not wrong.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});

export default defineConfig({
  test: {
    globalSetup: ["proofs-tests/tests/summary.ts"],
    maxWorkers: 2, // the default leaves a core idle on machines of two
    projects: [
      project("alone", true, ["proofs-tests/**/*.test.ts"], sharing),
      project("sharing", false, sharing),
    ],
  },
});
