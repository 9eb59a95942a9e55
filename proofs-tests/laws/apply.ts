import fc from "fast-check";
import { describe, it } from "vitest";

/** What a law says of one subject: a property, or why it says nothing. */
type Said = fc.IAsyncProperty<unknown> | { readonly skip: string };

/**
 * One test for each law and subject that it speaks of. Where it says nothing no test is made: one line a reason, printed,
 * names the subjects.
 */
export function applyLaws<Law extends { readonly law: string }, Subject extends { readonly name: string }>(
  laws: readonly Law[],
  subjects: readonly Subject[],
  said: (law: Law, subject: Subject) => Said,
  numRuns: number,
): void {
  describe.each(laws)("$law", (law) => {
    const silent = new Map<string, string[]>();
    for (const subject of subjects) {
      const property = said(law, subject);
      if ("skip" in property) silent.set(property.skip, [...(silent.get(property.skip) ?? []), subject.name]);
      else it(subject.name, () => fc.assert(property, { numRuns }));
    }
    for (const [reason, names] of silent) print(`"${law.law}" skips ${names.join(", ")}: ${reason}`);
  });
}

const printed = new Set<string>();

/** Once, however many backends a law is applied on. */
function print(line: string): void {
  if (!printed.has(line)) console.info(line);
  printed.add(line);
}
