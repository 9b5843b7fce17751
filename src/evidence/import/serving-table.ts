/** The CSV of measured serving: one row a run, kind `serving-latency`. */

/** Rows of the table in the loose form that converters read. */
export function csvRows(text: string): readonly unknown[] {
  const [header, ...lines] = csvLines(text);
  const idColumn = header?.indexOf("id") ?? -1;
  if (header === undefined || idColumn < 0) throw new Error("the table has no column `id`");
  return lines.map((cells) => {
    const columns = Object.fromEntries(header.map((name, column) => [name, cells[column] ?? ""]));
    return {
      id: cells[idColumn],
      kind: "serving-latency",
      source: { ...source, where: `${source.where}, id ${cells[idColumn] ?? ""}` },
      workload: columns,
      measured: ["ttft", "tpot"].flatMap((metric) => {
        const value = Number.parseFloat(columns[`silicon_${metric}_ms`] ?? "");
        return Number.isFinite(value) ? [{ metric, value, unit: "ms" }] : [];
      }),
    };
  });
}

const source = {
  title: "aiconfigurator silicon_sample.csv (NVIDIA; rows from InferenceX dumps and NVIDIA runs)",
  url: "https://github.com/ai-dynamo/aiconfigurator/blob/main/aic-core/src/aiconfigurator_core/systems/silicon_sample.csv",
  where: "aic-core/src/aiconfigurator_core/systems/silicon_sample.csv",
  year: 2026,
};

/** RFC 4180: commas, quoted cells, doubled quotes. */
function csvLines(text: string): readonly (readonly string[])[] {
  const lines: string[][] = [];
  let cells: string[] = [];
  let cell = "";
  let quoted = false;
  const endLine = (): void => {
    cells.push(cell);
    if (cells.length > 1 || cell !== "") lines.push(cells);
    cells = [];
    cell = "";
  };
  for (let index = 0; index < text.length; index++) {
    const letter = text[index];
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (text[index + 1] === '"') {
        cell += '"';
        index++;
      } else quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === ",") {
      cells.push(cell);
      cell = "";
    } else if (letter === "\n") endLine();
    else if (letter !== "\r") cell += letter;
  }
  endLine();
  return lines;
}
