/** TOML to settings with lines. The parser gives no places, so each key is found again in the text, below its table. */

import { parse, TomlError } from "smol-toml";
import { settingsOf, type Tree, type TreeOptions } from "./tree.ts";

/** Settings of a TOML text; mistakes of syntax are problems with their place. */
export function tomlOf(text: string, file: string, options: TreeOptions): Tree {
  try {
    const value = parse(text, { integersAsBigInt: "asNeeded" });
    const lines = keyLines(text);
    return { settings: settingsOf(value, (path) => lines.get(path) ?? 1, options), problems: [] };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const message = (error.message.split("\n")[0] ?? "").replace(/^Invalid TOML document: /, "");
    const location = { file, line: error.line, column: error.column };
    return { settings: [], problems: [{ path: "", message: `broken TOML: ${message}`, location }] };
  }
}

/** Line of each key by dotted path. */
function keyLines(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  let table = "";
  text.split("\n").forEach((written, index) => {
    const header = /^\s*\[\[?\s*([^\]]+?)\s*\]\]?/.exec(written);
    const key = /^\s*([\w."'-]+)\s*=/.exec(written);
    if (header !== null) table = bare(header[1] ?? "");
    else if (key !== null) {
      const name = bare(key[1] ?? "");
      const path = table === "" ? name : `${table}.${name}`;
      if (!lines.has(path)) lines.set(path, index + 1);
    }
  });
  return lines;
}

function bare(key: string): string {
  return key.replaceAll(/["']/g, "").replaceAll(/\s*\.\s*/g, ".");
}
