/** A terminal, or a file, that keeps what is written, and a clock that is set by hand. */
export function screen(isTTY: boolean) {
  const texts: string[] = [];
  let time = 5000;
  return {
    out: { isTTY, columns: 200, write: (text: string) => texts.push(text) },
    now: () => time,
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    /** What was written since the last look. */
    raw: () => texts.splice(0),
    /** The same without what clears a line. */
    look: () => texts.splice(0).map((text) => text.replace("\r\x1b[K", "")),
  };
}
