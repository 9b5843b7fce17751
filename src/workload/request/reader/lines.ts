/** Lines of a text, one at a time: a long trace is never taken apart as a whole. */

/** Calls back with every line that is not blank and its number from 1; stops when the answer is "stop". */
export function eachLine(
  text: string | Iterable<string>,
  visit: (line: string, number: number) => "stop" | undefined,
): void {
  let number = 0;
  let rest = "";
  for (const piece of typeof text === "string" ? [text] : text) {
    const joined = rest === "" ? piece : rest + piece;
    let from = 0;
    for (let end = joined.indexOf("\n"); end >= 0; end = joined.indexOf("\n", from)) {
      number += 1;
      if (offer(joined.slice(from, end), number, visit) === "stop") return;
      from = end + 1;
    }
    rest = joined.slice(from);
  }
  offer(rest, number + 1, visit);
}

function offer(
  line: string,
  number: number,
  visit: (line: string, number: number) => "stop" | undefined,
): "stop" | undefined {
  const bare = line.endsWith("\r") ? line.slice(0, -1) : line;
  return bare.trim() === "" ? undefined : visit(bare, number);
}

/** An object of a JSON line, or undefined. */
export function jsonObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    // Not JSON: the caller reports the line.
    return undefined;
  }
}

/** The first of these keys that is there. */
export function field(row: Readonly<Record<string, unknown>>, ...names: readonly string[]): unknown {
  for (const name of names) if (row[name] !== undefined && row[name] !== null) return row[name];
  return undefined;
}

/** Columns of a CSV by the names in its first line, without regard to case; -1 for what is absent. */
export function columnsOf(header: string, names: readonly string[]): readonly number[] {
  const found = header.split(",").map((name) => name.trim().replace(/^"|"$/g, "").toLowerCase());
  return names.map((name) => found.indexOf(name.toLowerCase()));
}

/** Fields of a CSV line; a field in quotes may hold commas, and quotes written twice. */
export function csvFields(line: string): readonly string[] {
  if (!line.includes('"')) return line.split(",");
  const fields: string[] = [];
  const pattern = /(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g;
  for (const match of line.matchAll(pattern)) fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
  return fields;
}

/** A number as written in a CSV field; undefined for anything else, blanks included. */
export function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
