/** What two scenarios write differently, field by field, in the words of their files. */

/** Null: not written there. */
export interface FieldChange {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** In the order of the first, then what only the second has. A field that is a value here and an object there is one change. */
export function fieldChanges(before: unknown, after: unknown, path = ""): readonly FieldChange[] {
  const [from, to] = [entriesOf(before), entriesOf(after)];
  if (from !== undefined && to !== undefined) {
    return [...new Set([...from.keys(), ...to.keys()])].flatMap((key) => {
      const below = Array.isArray(before) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`;
      return fieldChanges(from.get(key), to.get(key), below);
    });
  }
  const change = { path, before: textOf(before), after: textOf(after) };
  return change.before === change.after ? [] : [change];
}

/** Lists pair with lists, objects with objects. */
function entriesOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : undefined;
}

function textOf(value: unknown): string | null {
  if (value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}
