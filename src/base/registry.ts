/**
 * Registries: named, frozen entries of one kind (accelerators, algorithms, profiles), looked up by name or alias
 * without regard to case. They hold no state beyond what they were made with.
 */

import type { Problem } from "./problem.ts";
import { suggestion } from "./suggestion.ts";

export interface Named {
  readonly name: string;
  readonly aliases?: readonly string[];
}

export interface Registry<Entry> {
  /** What an entry is called in messages: `node`, `model`. */
  readonly kind: string;
  /** All entries, in the order they were given. */
  readonly entries: readonly Entry[];
  /** Names of all entries, without aliases. */
  readonly names: readonly string[];
  /** The entry of that name or alias, or undefined. For names that users write. */
  find(name: string): Entry | undefined;
  /** The entry of that name or alias; throws an Error with the nearest name. For names that we write. */
  get(name: string): Entry;
  /** The known name or alias nearest to a mistyped one, if one is near. */
  suggestion(name: string): string | undefined;
  /** The problem to report for an unknown name at a path. */
  unknown(name: string, path: string): Problem;
}

/**
 * Make a registry. Throws an Error when two entries claim one name or alias.
 * `nameOf` names entries that have no `name` of their own form (`name@version`).
 */
export function registry<Entry extends Named>(
  kind: string,
  entries: readonly Entry[],
  nameOf: (entry: Entry) => string = (entry) => entry.name,
): Registry<Entry> {
  const table = new Map<string, Entry>();
  const known: string[] = [];
  for (const entry of entries) {
    Object.freeze(entry);
    for (const name of new Set([nameOf(entry), ...(entry.aliases ?? [])])) {
      const key = name.toLowerCase();
      const holder = table.get(key);
      if (holder === entry) continue;
      if (holder) throw new Error(`${kind} name "${name}" is claimed by ${nameOf(holder)} and ${nameOf(entry)}`);
      table.set(key, entry);
      known.push(name);
    }
  }
  const find = (name: string): Entry | undefined => table.get(name.trim().toLowerCase());
  const nearest = (name: string): string | undefined => suggestion(name.trim(), known);
  return Object.freeze({
    kind,
    entries: Object.freeze([...entries]),
    names: Object.freeze(entries.map(nameOf)),
    find,
    get(name: string): Entry {
      const entry = find(name);
      if (!entry) throw new Error(`unknown ${kind} "${name}"${didYouMean(nearest(name), "; ")}`);
      return entry;
    },
    suggestion: nearest,
    unknown(name: string, path: string): Problem {
      const near = nearest(name);
      const hint = near === undefined ? `known: ${shortList(entries.map(nameOf))}` : didYouMean(near);
      return { path, message: `unknown ${kind} "${name}"`, hint };
    },
  });
}

function didYouMean(name: string | undefined, before = ""): string {
  return name === undefined ? "" : `${before}did you mean "${name}"?`;
}

function shortList(names: readonly string[]): string {
  const shown = 12;
  const rest = names.length - shown;
  return names.slice(0, shown).join(", ") + (rest > 0 ? ` and ${rest} more` : "");
}
