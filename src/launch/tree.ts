/**
 * Settings of a configuration file: every leaf of a YAML, JSON or TOML document by its dotted path, with its line.
 * References are followed: `${path}` from the root, `${.name}` beside the place, `${NAME}` of the surroundings, and
 * `${multiply:a, b}`. What cannot be followed stays visible as missing.
 */

import type { Problem } from "../base/problem.ts";
import { readSource } from "../scenario/schema/source.ts";
import type { Setting, Value } from "./sheet.ts";

export interface Tree {
  readonly settings: readonly Setting[];
  readonly problems: readonly Problem[];
}

export interface TreeOptions {
  readonly set: Readonly<Record<string, string>>;
  /** Sections around the whole document that mean nothing: `ConfigContainer`, `training`. */
  readonly wrappers?: readonly string[];
}

type LineOf = (path: string) => number;

/** Settings of a YAML or JSON text. */
export function treeOf(text: string, file: string, options: TreeOptions): Tree {
  const { value, places, problems } = readSource(text, file);
  if (problems.length > 0) return { settings: [], problems };
  const lineOf: LineOf = (path) => (places.keys.get(path) ?? places.values.get(path))?.line ?? 1;
  return { settings: settingsOf(value, lineOf, options), problems: [] };
}

/** Settings of a value whose lines are known by path; `--set` comes last and wins. */
export function settingsOf(value: unknown, lineOf: LineOf, { set, wrappers = [] }: TreeOptions): readonly Setting[] {
  const flat = new Map<string, Value>();
  flatten(value, "", flat);
  const used = new Set<string>();
  const settings = [...flat].map(([path, leaf]): Setting => {
    const name = wrappers.reduce(
      (rest, wrapper) => (rest.startsWith(`${wrapper}.`) ? rest.slice(wrapper.length + 1) : rest),
      path,
    );
    const line = lineOf(path);
    const followed = typeof leaf === "string" ? follow(leaf, { path, flat, set, used, depth: 0 }) : { value: leaf };
    return { name, text: textOf(followed.value), line, ...followed };
  });
  const given = Object.entries(set).filter(([name]) => !used.has(name));
  return [...settings, ...given.map(([name, text]): Setting => ({ name, value: text, text, line: 0 }))];
}

/** Objects become paths; lists of plain values stay one setting. */
function flatten(value: unknown, path: string, into: Map<string, Value>): void {
  if (Array.isArray(value) && value.every((each) => typeof each !== "object" || each === null)) {
    into.set(path, value);
  } else if (Array.isArray(value)) {
    value.forEach((each, index) => {
      flatten(each, `${path}[${index}]`, into);
    });
  } else if (value instanceof Date) into.set(path, String(value));
  else if (typeof value === "object" && value !== null) {
    for (const [key, below] of Object.entries(value)) flatten(below, path === "" ? key : `${path}.${key}`, into);
  } else if (typeof value === "bigint") into.set(path, Number(value));
  else into.set(path, (value ?? null) as Value);
}

function textOf(value: Value): string {
  return Array.isArray(value) ? value.map(String).join(", ") : String(value);
}

interface Following {
  readonly path: string;
  readonly flat: ReadonlyMap<string, Value>;
  readonly set: Readonly<Record<string, string>>;
  /** Names of `set` that were referred to. */
  readonly used: Set<string>;
  readonly depth: number;
}

interface Followed {
  readonly value: Value;
  readonly missing?: string;
}

const depthMost = 20;

/** A text with its references replaced. A text that is one reference takes the type of what it refers to. */
function follow(text: string, at: Following): Followed {
  if (text === "???") return { value: text, missing: at.path };
  const whole = /^\$\{([^${}]*|[^{}]*\$\{[^{}]*\}[^{}]*)\}$/.exec(text);
  if (whole !== null) return reference(whole[1] ?? "", text, at);
  let missing: string | undefined;
  const replaced = text.replace(/\$\{([^{}]*)\}/g, (written, inner: string) => {
    const found = reference(inner, written, at);
    missing ??= found.missing;
    return String(found.value);
  });
  return missing === undefined ? { value: replaced } : { value: replaced, missing };
}

function reference(inner: string, written: string, at: Following): Followed {
  if (at.depth > depthMost) return { value: written, missing: written };
  const call = /^(\w[\w.]*):(.*)$/s.exec(inner);
  if (call !== null) return operation(call[1] ?? "", call[2] ?? "", written, at);
  const path = absolutePath(inner, at.path);
  const shorter = path.replace(/^training\./, "");
  const found = at.flat.get(path) ?? at.flat.get(shorter);
  if (found !== undefined) {
    return typeof found === "string" ? follow(found, { ...at, path, depth: at.depth + 1 }) : { value: found };
  }
  const given = at.set[inner];
  if (given === undefined) return { value: written, missing: inner };
  at.used.add(inner);
  return { value: given };
}

/** `.name` is beside the place, `..name` one level up; anything else starts at the root. */
function absolutePath(inner: string, place: string): string {
  const dots = /^\.+/.exec(inner)?.[0].length ?? 0;
  if (dots === 0) return inner;
  const parents = place.split(".").slice(0, -dots);
  return [...parents, inner.slice(dots)].join(".");
}

function operation(name: string, given: string, written: string, at: Following): Followed {
  const [first = "", second = ""] = given.split(",").map((each) => each.trim());
  if (name === "oc.env" || name === "env") {
    const value = at.set[first] ?? (second === "" ? undefined : second);
    if (at.set[first] !== undefined) at.used.add(first);
    return value === undefined ? { value: written, missing: first } : { value };
  }
  const [a, b] = [first, second].map((each) => follow(each, { ...at, depth: at.depth + 1 }));
  const missing = a?.missing ?? b?.missing;
  if (missing !== undefined) return { value: written, missing };
  const [left, right] = [Number(a?.value), Number(b?.value)];
  if (name === "multiply") return { value: left * right };
  return name === "divide" ? { value: left / right } : { value: written, missing: written };
}
