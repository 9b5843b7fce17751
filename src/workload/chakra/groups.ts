/**
 * Who takes part in what. In this order: groups given beside the trace, groups that a metadata node lists (PyTorch's
 * `## process_group:init ##`), the ranks whose nodes name the group. A node without a name, or with "0" where nothing
 * says otherwise, means all ranks, as in ASTRA-sim; with involved_dim it means the ranks that differ in those dimensions.
 * @source astra-sim-workload @source chakra-schema
 */

import type { ChakraNode } from "./schema.ts";
import { everyone, type TraceNode } from "./trace.ts";

export type Groups = Map<string, readonly number[]>;

export interface GroupAssumption {
  readonly group: string;
  readonly reason: string;
}

/** Groups that a metadata node lists as JSON between what a tracer put around it; nothing where it lists none. */
export function listedGroups({ name, inputs }: ChakraNode): Groups | "broken" | undefined {
  if (!name.includes("process_group:init") || inputs === undefined) return undefined;
  const { values } = inputs;
  const [start, end] = [values.indexOf("[{"), values.lastIndexOf("}]")];
  if (start < 0 || end < start) return undefined;
  const groups: Groups = new Map();
  for (const entry of parsedList(values.slice(start, end + 2)) ?? [undefined]) {
    if (typeof entry !== "object" || entry === null) return "broken";
    const { pg_name: group, ranks } = entry as Readonly<Record<string, unknown>>;
    if ((typeof group !== "string" && typeof group !== "number") || !isRanks(ranks)) return "broken";
    // Without ranks it is that of all, as PyTorch writes its default group.
    if (ranks.length > 0) groups.set(String(group), ranks);
  }
  return groups;
}

function parsedList(text: string): readonly unknown[] | undefined {
  // A tracer may have printed the text of the text.
  for (const attempt of [text, text.replaceAll('\\"', '"')]) {
    try {
      const value: unknown = JSON.parse(attempt);
      return Array.isArray(value) ? value : undefined;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}

function isRanks(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((rank) => Number.isSafeInteger(rank) && rank >= 0);
}

/** Groups as a JSON object of names and ranks: what ASTRA-sim reads beside a trace. */
export function groupsOfJson(text: string): Groups | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const groups: Groups = new Map();
  for (const [name, ranks] of Object.entries(value)) {
    if (!isRanks(ranks) || ranks.length === 0) return undefined;
    groups.set(name, ranks);
  }
  return groups;
}

/** Ranks of a logical torus or mesh with sides `dimensions`, innermost first, that differ from `rank` in `involved` only. */
export function dimensionGroup(rank: number, dimensions: readonly number[], involved: readonly boolean[]): number[] {
  let members = [rank];
  let stride = 1;
  dimensions.forEach((side, axis) => {
    if (involved[axis] ?? false) {
      const own = Math.floor(rank / stride) % side;
      members = members.flatMap((member) => Array.from({ length: side }, (_, at) => member + (at - own) * stride));
    }
    stride *= side;
  });
  return members.sort((a, b) => a - b);
}

/** What a group over some dimensions is called: the axes, and its first rank. */
export function dimensionGroupName(involved: readonly boolean[], members: readonly number[]): string {
  const axes = involved.flatMap((on, axis) => (on ? [axis] : []));
  return `dimensions ${axes.join("+")} of ${members[0] ?? 0}`;
}

/** Adds the groups that only nodes name. */
export function namedGroups(
  recorded: readonly { readonly rank: number; readonly nodes: readonly TraceNode[] }[],
  groups: Groups,
  ranks: number,
): GroupAssumption[] {
  const users = new Map<string, Set<number>>();
  for (const { rank, nodes } of recorded) {
    for (const { kind, group } of nodes) {
      if (kind !== "collective" || group === undefined || groups.has(group)) continue;
      const known = users.get(group) ?? new Set();
      users.set(group, known.add(rank));
    }
  }
  return [...users].map(([group, found]) => {
    const all = group === everyone;
    groups.set(group, all ? allRanks(ranks) : [...found].sort((a, b) => a - b));
    const reason = all
      ? "nothing lists it: all ranks, as ASTRA-sim takes it"
      : "nothing lists it: the ranks whose nodes name it";
    return { group, reason };
  });
}

export function allRanks(ranks: number): readonly number[] {
  return Array.from({ length: ranks }, (_, rank) => rank);
}
