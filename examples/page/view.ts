const find = (id: string): HTMLElement => document.querySelector<HTMLElement>(id)!;

/** One line on what is going on. */
export function say(text: string, failed = false): void {
  find("#status").textContent = text;
  find("#status").classList.toggle("failed", failed);
}

export function clear(): void {
  find("#table").replaceChildren();
  find("#failures").replaceChildren();
}

/** The table, all columns but the first right-aligned, and a list of what failed below it. */
export function fill(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  failures: readonly string[],
): void {
  find("#table").replaceChildren(row("th", head), ...rows.map((cells) => row("td", cells)));
  find("#failures").replaceChildren(
    ...failures.map((text) => Object.assign(document.createElement("li"), { textContent: text })),
  );
}

function row(kind: "th" | "td", cells: readonly string[]): HTMLElement {
  const line = document.createElement("tr");
  for (const [i, text] of cells.entries()) {
    const cell = document.createElement(kind);
    cell.textContent = text;
    if (i > 0) cell.className = "number";
    line.append(cell);
  }
  return line;
}
