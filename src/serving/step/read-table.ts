/** Reads tables of comma-separated numbers whose first line names the columns. */

export interface TableRow {
  /** The text column, where one was asked for. */
  readonly text: string;
  /** The number columns, in the order they were asked for. */
  readonly numbers: readonly number[];
}

/** Rows of a table. Throws with the file's name and the line where a column is missing or a number is none. */
export function readTable(file: string, content: string, columns: readonly string[], text?: string): TableRow[] {
  const [head, ...lines] = content.split(/\r?\n/);
  const names = (head ?? "").split(",");
  const placeOf = (column: string): number => {
    const place = names.indexOf(column);
    if (place < 0) throw new Error(`${file} line 1: no column "${column}"`);
    return place;
  };
  const places = columns.map(placeOf);
  const textPlace = text === undefined ? -1 : placeOf(text);
  const rows: TableRow[] = [];
  lines.forEach((line, index) => {
    if (line.trim() === "") return;
    const cells = line.split(",");
    const numbers = places.map((place) => Number(cells[place]?.trim() || Number.NaN));
    const wrong = numbers.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      const found = cells[places[wrong] ?? 0] ?? "";
      throw new Error(`${file} line ${index + 2}: "${found}" is no number (${columns[wrong]})`);
    }
    rows.push({ text: cells[textPlace] ?? "", numbers });
  });
  if (rows.length === 0) throw new Error(`${file}: no rows`);
  return rows;
}
