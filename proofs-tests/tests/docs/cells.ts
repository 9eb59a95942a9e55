/** The cells of a table in Markdown, line by line, without the one that draws the rule below the heads. */
export const cellsOf = (markdown: string): string[][] =>
  markdown
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.slice(2, -2).split(" | "))
    .filter((cells) => !cells.every((cell) => /^--[-:]$/.test(cell)));
