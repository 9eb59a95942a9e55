#!/usr/bin/env node
import { shownReason } from "../core/errors.ts";
import { command } from "./command.ts";

/** Whoever reads what is printed may stop reading, as `| head` does: then there is nobody left to tell. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  const hasGone = error.code === "EPIPE";
  if (!hasGone) process.stderr.write(`Cannot write to standard output: ${shownReason(error)}.\n`);
  process.exit(hasGone ? 0 : 2);
});

process.exitCode = await command(process.argv.slice(2));
