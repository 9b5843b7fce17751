/** How text is laid out on this terminal. */

export interface View {
  /** Columns. */
  readonly width: number;
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly bad: (text: string) => string;
}

const plain = (text: string): string => text;

/** No colours, a fixed width: pipes, files, tests. */
export const plainView: View = { width: 100, bold: plain, dim: plain, good: plain, warn: plain, bad: plain };

/** Codes of colours, which take no room. */
const codes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

/** Spaces at which a line may end: not between a number and its unit (`80 GiB`), nor a word and its number (`data 8`). */
const breaks = /(?<!\d) (?!\d)|(?<![\p{L}\d]) (?=\d)|(?<=\d) (?![\p{L}%])/u;

/** Breaks text into lines of at most `width`. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line: string | undefined;
  let used = 0;
  for (const word of text.split(breaks)) {
    const size = word.replace(codes, "").length;
    if (line === undefined || used + 1 + size > width) {
      if (line !== undefined) lines.push(line);
      line = word;
      used = size;
    } else {
      line = `${line} ${word}`;
      used += 1 + size;
    }
  }
  return line === undefined ? lines : [...lines, line];
}

/** Wrapped text, later lines indented below the first. */
export function hanging(first: string, text: string, width: number): string {
  const indent = " ".repeat(first.length);
  const room = Math.max(20, width - first.length);
  return wrap(text, room)
    .map((line, index) => `${index === 0 ? first : indent}${line}`)
    .join("\n");
}

/** A bar of `share` (0 to 1) of `width` characters. */
export function bar(share: number, width: number): string {
  const filled = Math.round(Math.max(0, Math.min(1, share)) * width);
  return "█".repeat(filled) + "·".repeat(width - filled);
}

/** `41.2 %`, right-aligned in seven characters. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`.padStart(7);
}
