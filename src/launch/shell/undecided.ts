/**
 * What a script leaves open because nothing is run: variables that a loop which is passed over assigns, and those on
 * which the branches of an undecided condition differ. They stay visible as unknown, with the line that decides them.
 */

import type { Field, Fragment, Variables } from "./expand.ts";
import { assignmentOf } from "./parse.ts";
import { type Command, plainText, type Step } from "./syntax.ts";

const declarations = new Set(["export", "declare", "typeset", "local", "readonly"]);
/** Commands whose words are names of variables that they fill. */
const readers = new Set(["read", "mapfile", "readarray"]);
const depthMost = 10;

/** Names of variables that these steps may assign, in functions that they call too. */
export function assignedNames(
  steps: readonly Step[],
  functions: ReadonlyMap<string, readonly Step[]>,
  depth = 0,
): ReadonlySet<string> {
  if (depth > depthMost) return new Set();
  const below = (more: readonly Step[]): readonly string[] => [...assignedNames(more, functions, depth + 1)];
  return new Set(steps.flatMap(({ command }) => namesOf(command, functions, below)));
}

function namesOf(
  command: Command,
  functions: ReadonlyMap<string, readonly Step[]>,
  below: (steps: readonly Step[]) => readonly string[],
): readonly string[] {
  switch (command.kind) {
    case "simple": {
      const name = plainText(command.words[0]) ?? "";
      const own = command.assignments.map((each) => each.name);
      if (declarations.has(name)) return [...own, ...command.words.flatMap((word) => assignmentOf(word)?.name ?? [])];
      return [...own, ...filledNames(command), ...below(functions.get(name) ?? [])];
    }
    case "group":
      return below(command.body);
    case "loop":
      return below([...command.condition, ...command.body]);
    case "for":
      return [command.name, ...below(command.body)];
    case "if":
      return below([
        ...command.branches.flatMap(({ condition, body }) => [...condition, ...body]),
        ...command.otherwise,
      ]);
    case "case":
      return below(command.arms.flatMap(({ body }) => body));
    case "function":
      return [];
  }
}

/** Names that `read` and its like fill. */
export function filledNames({ words }: Command & { kind: "simple" }): readonly string[] {
  const [first, ...rest] = words.map((word) => plainText(word) ?? "");
  return readers.has(first ?? "") ? rest.filter((word) => /^[A-Za-z_]\w*$/.test(word)) : [];
}

/** Makes variables unknown; what the user gives for them holds instead. */
export function forget(
  names: Iterable<string>,
  { scalars, lists }: Variables,
  given: Readonly<Record<string, string>>,
  at: { readonly line: number; readonly why: string },
): void {
  for (const name of names) {
    const value = given[name];
    const open: Fragment = { text: `$${name}`, line: at.line, missing: name, why: at.why };
    const list = lists.get(name);
    if (list !== undefined) lists.set(name, [...list, [open]]);
    else scalars.set(name, [value === undefined ? open : { text: value, line: 0 }]);
  }
}

export function copyOf({ scalars, lists }: Variables): Variables {
  return { scalars: new Map(scalars), lists: new Map(lists) };
}

/** Writes into `into` what all outcomes agree on; on anything else they leave a variable unknown. */
export function merge(
  into: Variables,
  outcomes: readonly Variables[],
  given: Readonly<Record<string, string>>,
  at: { readonly line: number; readonly why: string },
): void {
  const [first, ...rest] = outcomes;
  if (first === undefined) return;
  const text = (value: unknown): string =>
    JSON.stringify(value, (key, each) => (key === "line" ? undefined : each)) ?? "";
  const differ = (of: (each: Variables) => unknown): boolean => rest.some((each) => text(of(each)) !== text(of(first)));
  for (const name of new Set(outcomes.flatMap(({ scalars }) => [...scalars.keys()]))) {
    if (differ(({ scalars }) => scalars.get(name))) forgetScalar(name, into, outcomes, given, at);
    else into.scalars.set(name, first.scalars.get(name) ?? []);
  }
  for (const name of new Set(outcomes.flatMap(({ lists }) => [...lists.keys()]))) {
    const lists = outcomes.map((each) => each.lists.get(name) ?? []);
    const same = common(lists, text);
    const open = differ((each) => each.lists.get(name)) ? [openField(name, at)] : [];
    into.lists.set(name, [...same, ...open]);
  }
}

function openField(name: string, { line, why }: { readonly line: number; readonly why: string }): Field {
  return [{ text: `$${name}`, line, missing: name, why }];
}

/** Text that only some outcomes append behind a blank keeps what stands before it. */
function forgetScalar(
  name: string,
  into: Variables,
  outcomes: readonly Variables[],
  given: Readonly<Record<string, string>>,
  at: { readonly line: number; readonly why: string },
): void {
  const values = outcomes.map(({ scalars }) => scalars.get(name) ?? []);
  const same = common(values, ({ text, missing }) => `${missing ?? ""}=${text}`);
  const appended = same.length > 0 && values.every((value) => /^(\s|$)/.test(value[same.length]?.text ?? ""));
  const value = given[name];
  if (appended) into.scalars.set(name, [...same, { text: " ", line: at.line }, ...openField(name, at)]);
  else into.scalars.set(name, value === undefined ? openField(name, at) : [{ text: value, line: 0 }]);
}

/** What all lists begin with. */
function common<Each>(lists: readonly (readonly Each[])[], text: (each: Each) => string): readonly Each[] {
  const [first = [], ...rest] = lists;
  const end = first.findIndex((each, index) =>
    rest.some((other) => {
      const twin = other[index];
      return twin === undefined || text(twin) !== text(each);
    }),
  );
  return end < 0 ? first : first.slice(0, end);
}
