import { randomUUID } from "node:crypto";
import { existsSync, linkSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { check, InputError, shownReason, shownWord } from "./errors.ts";

/** A lock that this process holds. */
export interface Claim {
  /**
   * Says that this process still works; to be called at least once in ten minutes, which is when another host takes the
   * lock for abandoned. It is the caller's to call: a timer would starve in long synchronous work. Throws an InputError
   * where the lock has been taken over.
   */
  renew(): void;
  /** Gives the lock back. One that another process has taken over meanwhile is left to it. */
  release(): void;
}

/** The process that holds a lock, and since when (ISO 8601). */
interface Owner {
  readonly host: string;
  readonly pid: number;
  readonly since: string;
}

/** A lock is either taken now, or held by another. */
export type Locked =
  | { readonly claim: Claim; readonly owner?: undefined }
  | { readonly claim?: undefined; readonly owner: Owner };

/** Milliseconds after which another host's lock that was not renewed is nobody's. */
const abandoned = 600_000;

/** Milliseconds after which a lock that says nothing is nobody's, and so is the right to take over. */
const unfinished = 5_000;

/** Contents of the locks that this process holds: an owner with its number that is not among them was an earlier process. */
const held = new Set<string>();

/**
 * Takes the lock that is the file `path`, or says who has it. It appears with its content, by a link, so nobody meets an
 * empty one. One whose process is gone is taken over: of this host where no such process runs, of another host where it
 * was not renewed for ten minutes, one that cannot be read after some seconds. Throws an InputError where the folder
 * cannot be written.
 */
export function lock(path: string): Locked {
  const content = JSON.stringify({
    host: hostname(),
    pid: process.pid,
    since: new Date().toISOString(),
    id: randomUUID(),
  });
  const aside = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    writeFileSync(aside, content);
    return taken(path, aside, content);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`Cannot lock ${shownWord(path)}: ${shownReason(error as Error)}.`);
  } finally {
    if (existsSync(aside)) rmSync(aside, { force: true });
  }
}

function taken(path: string, aside: string, content: string): Locked {
  for (let tries = 0; tries < 1000; tries++) {
    if (linked(aside, path)) {
      held.add(content);
      return { claim: claimOf(path, content) };
    }
    const found = lookAt(path);
    if (found === undefined) continue; // given back since
    if (!found.isAbandoned) return { owner: found.owner };
    const other = removed(path, found, aside);
    if (other) return { owner: other };
  }
  throw new InputError(
    `Cannot lock ${shownWord(path)}: it comes and goes; is a program deleting files there?`,
  );
}

/** Whether `name` is a new link to the file `aside`; not where there is such a file. */
function linked(aside: string, name: string): boolean {
  try {
    linkSync(aside, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Removes an abandoned lock, or says who is doing so. Two that found the same one must not remove it one after the other,
 * since the second would remove what the first made in its place: only who has the right to take over removes, and only
 * what it still finds there.
 */
function removed(path: string, found: Seen, aside: string): Owner | undefined {
  const right = `${path}.takeover`;
  if (!linked(aside, right)) {
    const other = lookAt(right);
    if (other && other.age > unfinished)
      rmSync(right, { force: true }); // killed within a few system calls
    else return other?.owner;
    return undefined;
  }
  try {
    if (lookAt(path)?.content === found.content) rmSync(path, { force: true });
  } finally {
    rmSync(right, { force: true });
  }
  return undefined;
}

function claimOf(path: string, content: string): Claim {
  return {
    renew() {
      const now = lookAt(path);
      check(
        now?.content === content,
        () =>
          `The lock ${shownWord(path)} is no longer this process's: ${now ? `process ${now.owner.pid} on ${now.owner.host} has it` : "it was deleted"}; begin again, and let no more than ten minutes pass without a word of progress.`,
      );
      utimesSync(path, new Date(), new Date());
    },
    release() {
      held.delete(content);
      if (lookAt(path)?.content === content) rmSync(path, { force: true });
    },
  };
}

/** A lock as it was found. */
interface Seen {
  readonly content: string;
  readonly owner: Owner;
  /** Milliseconds since it was made or renewed. */
  readonly age: number;
  readonly isAbandoned: boolean;
}

/** The lock that is there; undefined where none is. */
function lookAt(path: string): Seen | undefined {
  let content: string;
  let renewed: number;
  try {
    content = readFileSync(path, "utf8");
    renewed = statSync(path).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const age = Date.now() - renewed;
  const owner = ownerIn(content);
  if (owner === undefined) {
    const unknown = { host: "unknown", pid: 0, since: new Date(renewed).toISOString() };
    return { content, owner: unknown, age, isAbandoned: age > unfinished };
  }
  const isGone =
    owner.host === hostname()
      ? owner.pid === process.pid
        ? !held.has(content)
        : !isRunning(owner.pid)
      : age > abandoned;
  return { content, owner, age, isAbandoned: isGone };
}

function ownerIn(content: string): Owner | undefined {
  try {
    const { host, pid, since } = JSON.parse(content) as Record<string, unknown>;
    if (typeof host !== "string" || typeof since !== "string" || !Number.isInteger(pid)) return undefined;
    return { host, pid: pid as number, since };
  } catch {
    return undefined;
  }
}

/** Whether a process of this number runs on this machine, whoever's it is. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
