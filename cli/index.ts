#!/usr/bin/env node
import { command } from "./command.ts";

/** Whoever reads what is printed may stop reading, as `| head` does: then there is nobody left to tell. */
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

process.exitCode = await command(process.argv.slice(2));
