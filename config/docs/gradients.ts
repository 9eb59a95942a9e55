/** Every op with its gradient, as its source has them: docs/gradients.md. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { ops } from "../../core/ops/index.ts";
import { table } from "./table.ts";

interface Gradient {
  readonly name: string;
  /** The first line of its comment. */
  readonly says: string;
  readonly vjp: string;
}

const folder = join(import.meta.dirname, "../../core/ops");

/** The ops that a file defines: what is made by `op` or `elementwise` with a `vjp`. */
export function gradientsIn(text: string): Gradient[] {
  const source = ts.createSourceFile("ops.ts", text, ts.ScriptTarget.Latest, true);
  const found: Gradient[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.initializer && ts.isCallExpression(node.initializer)) {
      const [given] = node.initializer.arguments;
      if (given && ts.isObjectLiteralExpression(given)) {
        const name = memberOf(given, "name");
        const vjp = memberOf(given, "vjp");
        if (name && vjp) found.push({ name: name.slice(1, -1), says: commentOf(node, text), vjp });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The source of a member, on one line and without what only the compiler needs. */
function memberOf({ properties }: ts.ObjectLiteralExpression, name: string): string | undefined {
  const member = properties.find((property) => property.name?.getText() === name);
  if (member === undefined) return undefined;
  const value = ts.isPropertyAssignment(member) ? member.initializer : member;
  return value
    .getText()
    .replace(/\/\/.*$/gm, "")
    .replace(/!(?=[,)\].])/g, "")
    .replace(/\s+/g, " ");
}

function commentOf(declaration: ts.VariableDeclaration, text: string): string {
  const statement = declaration.parent.parent;
  const [comment] = (ts.getLeadingCommentRanges(text, statement.getFullStart()) ?? []).slice(-1);
  if (comment === undefined) return "";
  const words = text.slice(comment.pos, comment.end).replace(/^\/\*\*|\*\/$|^ *\* ?/gm, "");
  return words
    .replace(/\s+/g, " ")
    .trim()
    .split(/\.(?= |$)/)[0]!;
}

/** A line an op, in the order of their list. */
export function gradientsTable(): string {
  const all = readdirSync(folder).flatMap((file) => gradientsIn(readFileSync(join(folder, file), "utf8")));
  const rows = ops.map(({ definition: { name, signature } }) => {
    const own = all.find((gradient) => gradient.name === name);
    if (own === undefined) throw new Error(`The source of ${name}'s gradient is not found in core/ops.`);
    return [name, own.says, signature, own.vjp].map((cell, i) =>
      i === 0 || i > 1 ? `\`${cell.replaceAll("|", "\\|")}\`` : cell.replaceAll("|", "\\|"),
    );
  });
  return table(["op", "what", "shapes", "vector–Jacobian product"], rows);
}
