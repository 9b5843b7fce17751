/** Plain tables: columns as wide as their cells, no lines. */

import { wrap } from "../view.ts";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** Least room for a last column that is broken into lines. */
const roomLeast = 24;

/**
 * Rows below a header, indented by two. With a width, a last column that would go beyond it is broken into lines where
 * it has room; without columns of words before it nothing is lost either way.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): string[] {
  const all = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, index) => Math.max(...all.map((row) => (row[index] ?? "").length)));
  const last = columns.length - 1;
  const before = widths.slice(0, last).reduce((sum, next) => sum + next + 2, 2);
  const room = width - before >= roomLeast ? width - before : Number.POSITIVE_INFINITY;
  return all.flatMap((cells) => {
    const padded = columns.slice(0, last).map(({ align }, index) => {
      const [cell, size] = [cells[index] ?? "", widths[index] ?? 0];
      return align === "right" ? cell.padStart(size) : cell.padEnd(size);
    });
    const text = cells[last] ?? "";
    const end = columns[last]?.align === "right" ? text.padStart(widths[last] ?? 0) : text;
    const [first = "", ...more] = room === Number.POSITIVE_INFINITY ? [end] : wrap(end, room);
    const start = `  ${[...padded, first].join("  ")}`.trimEnd();
    return [start, ...more.map((line) => `${" ".repeat(before)}${line}`)];
  });
}
