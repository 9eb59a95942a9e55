import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new folder for what a test writes. It goes with the run of all tests (summary.ts). */
export const temporaryFolder = (): string =>
  mkdtempSync(join(process.env.TEMPORARY_FOLDER ?? tmpdir(), "pss-dlrm-"));
