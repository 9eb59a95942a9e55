/** A table in Markdown; columns whose first cell starts with a digit are aligned right. */
export const table = (heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [heads, heads.map((_, i) => (/^\d/.test(String(rows[0]?.[i])) ? "--:" : "---")), ...rows]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n");
