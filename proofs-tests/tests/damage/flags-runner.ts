/** A process that runs command lines, one after the other, and says what came of each, and which flags nobody read. */
import { type VerbEntry, verbs } from "../../../cli/command.ts";
import type { Verb } from "../../../cli/flags.ts";
import { flagOf } from "../../../core/options.ts";
import { runOf } from "../cli/command.ts";

/** What came of a command line. */
export interface Came {
  readonly code?: number;
  readonly out: string;
  readonly err: string;
  /** What was thrown, which is no refusal. */
  readonly thrown?: string;
  /** Flags that were given, and whose values nobody asked for. */
  readonly unread: readonly string[];
}

/** Flags that stand for others where these are not given: nobody asks for themselves. */
const defaults = ["quick"];

/** `verb`, and the flags that were given but whose values nobody asked for. */
function watched(verb: Verb): { readonly verb: Verb; unread(): string[] } {
  const read = new Set<string>();
  const asked: string[] = [];
  return {
    verb: {
      ...verb,
      run(flags, given) {
        asked.push(...Object.keys(given.texts).filter((name) => name in flags));
        const noting = new Proxy(flags, {
          get(target, name, receiver) {
            read.add(String(name));
            return Reflect.get(target, name, receiver);
          },
        });
        return verb.run(noting, given);
      },
    },
    unread: () => asked.filter((name) => !read.has(name) && !defaults.includes(name)).map(flagOf),
  };
}

async function cameOf(args: readonly string[]): Promise<Came> {
  let unread = (): string[] => [];
  const all: VerbEntry[] = verbs.map((entry) => ({
    ...entry,
    async load() {
      const noting = watched(await entry.load());
      ({ unread } = noting);
      return noting.verb;
    },
  }));
  try {
    const { code, out, err } = await runOf(all, ...args);
    return { code, out, err, unread: unread() };
  } catch (error) {
    return {
      out: "",
      err: "",
      thrown: error instanceof Error ? `${error.stack}` : String(error),
      unread: [],
    };
  }
}

process.on("message", async (args: readonly string[]) => process.send!(await cameOf(args)));
