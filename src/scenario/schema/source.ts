/** From text to a plain value that remembers where each of its fields stands. YAML 1.2; JSON is a part of it. */

import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { Location, Problem } from "../../base/problem.ts";

/** Where fields stand: by dotted path, of the key and of its value. */
export interface Places {
  readonly file?: string;
  readonly keys: ReadonlyMap<string, Location>;
  readonly values: ReadonlyMap<string, Location>;
}

export interface SourceText {
  readonly value: unknown;
  readonly places: Places;
  /** Mistakes of syntax; with any of them the value is undefined. */
  readonly problems: readonly Problem[];
}

/** Dotted path of a field: `cluster.pools[1].node`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += text === "" ? String(part) : `.${String(part)}`;
  }
  return text;
}

/** Reads YAML or JSON text. Never throws: mistakes are problems with their place. */
export function readSource(text: string, file?: string): SourceText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: "1.2" });
  const locate = (offset: number): Location => {
    const { line, col } = lines.linePos(offset);
    return { ...(file === undefined ? {} : { file }), line, column: col };
  };
  const keys = new Map<string, Location>();
  const values = new Map<string, Location>();
  const places = { ...(file === undefined ? {} : { file }), keys, values };
  const problems: Problem[] = document.errors.map((error) => ({
    path: "",
    ...syntaxProblem(error.code, error.message),
    location: locate(error.pos[0]),
  }));
  if (problems.length > 0) return { value: undefined, places, problems };
  collectPlaces(document.contents, [], { keys, values }, locate);
  return toValue(document, places, locate);
}

function toValue(
  document: ReturnType<typeof parseDocument>,
  places: Places,
  locate: (offset: number) => Location,
): SourceText {
  try {
    return { value: document.toJS() as unknown, places, problems: [] };
  } catch (error) {
    // The library refuses unresolved aliases and alias bombs only here.
    const message = error instanceof Error ? error.message : String(error);
    const broken = { path: "", ...syntaxProblem("", message), location: locate(0) };
    return { value: undefined, places, problems: [broken] };
  }
}

/** What a mistake of syntax most likely is; the library's own words where no plainer ones are known. */
function syntaxProblem(code: string, message: string): Pick<Problem, "message" | "hint"> {
  const open = /^Flow (map|sequence) in block collection/.exec(message)?.[1];
  if (open !== undefined) {
    const [start, end] = open === "map" ? ["{", "}"] : ["[", "]"];
    return {
      message: `broken YAML: a "${start}" is not closed before this line`,
      hint: `add the "${end}", or indent the line`,
    };
  }
  switch (code) {
    case "DUPLICATE_KEY":
      return { message: "the same key is written twice", hint: "remove one of them" };
    case "MULTIPLE_DOCS":
      return { message: "more than one document in the file", hint: "write one scenario per file, without ---" };
    case "BLOCK_AS_IMPLICIT_KEY":
      return {
        message: 'broken YAML: a second ": " here, or a line indented too far below it',
        hint: 'text that has ": " in it needs quotes',
      };
    case "TAB_AS_INDENT":
      return { message: "broken YAML: a tab as indentation", hint: "indent with spaces" };
    default: {
      const words = `${message.charAt(0).toLowerCase()}${message.slice(1)}`;
      return { message: `broken YAML: ${words}`, hint: "the file must be one YAML or JSON document" };
    }
  }
}

function collectPlaces(
  node: unknown,
  path: readonly PropertyKey[],
  into: { readonly keys: Map<string, Location>; readonly values: Map<string, Location> },
  locate: (offset: number) => Location,
): void {
  const start = (found: unknown): number | undefined => (found as Node | null | undefined)?.range?.[0];
  const here = start(node);
  if (here !== undefined) into.values.set(pathText(path), locate(here));
  if (isAlias(node)) return;
  if (isMap(node)) {
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
      const below = [...path, key];
      const keyStart = start(pair.key);
      if (keyStart !== undefined) into.keys.set(pathText(below), locate(keyStart));
      collectPlaces(pair.value, below, into, locate);
    }
  }
  if (isSeq(node))
    node.items.forEach((item, index) => {
      collectPlaces(item, [...path, index], into, locate);
    });
}

/** Place of a field; of what surrounds it where the field itself is missing. */
export function placeOf(places: Places | undefined, path: string, of: "key" | "value" = "value"): Location | undefined {
  if (places === undefined) return undefined;
  const found = of === "key" ? places.keys.get(path) : (places.values.get(path) ?? places.keys.get(path));
  if (found !== undefined) return found;
  const parent = path.replace(/(^|\.)[^.[\]]+$|\[\d+\]$/, "");
  if (parent !== path && path !== "") return placeOf(places, parent, parent === "" ? "value" : "key");
  return places.values.get("");
}
