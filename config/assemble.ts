/**
 * What the compiler leaves to be done in a build: golden files beside the code that reads them; the command executable, and
 * the one that `npx pss-dlrm` runs in this checkout. Without that link npx installs the checkout into a cache of its own,
 * which goes on looking where the command was when it was first run.
 */
import { chmod, cp, mkdir, readFile, rm, symlink } from "node:fs/promises";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..");
const golden = "proofs-tests/golden/files";
await cp(join(root, golden), join(root, "dist", golden), { recursive: true });

const folder = join(root, "node_modules", ".bin");
const { bin } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
  bin: Record<string, string>;
};
for (const [name, path] of Object.entries(bin)) {
  const command = join(root, path);
  await chmod(command, 0o755);
  if (process.platform === "win32") continue; // links need rights there; npx's cache serves
  await mkdir(folder, { recursive: true });
  await rm(join(folder, name), { force: true });
  await symlink(relative(folder, command), join(folder, name));
}
