/** Logs as text: lines without colours, and what a text looks like that is no log. */

/** Codes of colours; progress bars end their lines with a carriage return. */
const codes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z]`, "g");

export function linesOf(text: string): readonly string[] {
  return text.replace(codes, "").split(/\r\n|\n|\r/);
}

/** The first line with something in it, cut to what a message can show; undefined where there is none. */
export function firstLine(lines: readonly string[]): { readonly line: number; readonly shown: string } | undefined {
  const filled = lines.findIndex((line) => line.trim() !== "");
  if (filled < 0) return undefined;
  const first = (lines[filled] ?? "").trim().replace(/[\p{Cc}\p{Cf}\uFFFD]+/gu, "?");
  return { line: filled + 1, shown: first.length > 80 ? `${first.slice(0, 79)}…` : first };
}

/** What a text looks like by its first line. */
export function looks(first: string): string {
  if (/^[[{]/.test(first) && !/^\[[\w ]*\d/.test(first)) return "looks like JSON";
  if (/^windtunnel:|^\w[\w.]*:(\s|$)/.test(first)) return "looks like YAML";
  if ((first.match(/,/g)?.length ?? 0) >= 2 && !/\s{2}|: /.test(first)) return "looks like a table (CSV)";
  return "is text";
}
