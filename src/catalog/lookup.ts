/** Named entries looked up by name or alias, case ignored. */
export interface Named {
  readonly name: string;
  readonly aliases?: readonly string[];
}

export interface Registry<Entry extends Named> {
  readonly kind: string;
  readonly entries: readonly Entry[];
  readonly find: (name: string) => Entry | undefined;
}

export function registryOf<Entry extends Named>(kind: string, entries: readonly Entry[]): Registry<Entry> {
  const table = new Map<string, Entry>();
  for (const entry of entries) {
    for (const name of [entry.name, ...(entry.aliases ?? [])]) {
      const key = name.toLowerCase();
      if (table.has(key)) throw new Error(`${kind}: the name "${key}" is taken twice`);
      table.set(key, entry);
    }
  }
  return Object.freeze({
    kind,
    entries: Object.freeze([...entries]),
    find: (name: string) => table.get(name.toLowerCase()),
  });
}
