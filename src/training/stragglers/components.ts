/**
 * Random stragglers as independent sources, and the lockstep groups they tie together. Groups that no source touches
 * together are independent; those that are alike are counted.
 */

import type { TrainingCase } from "../case.ts";
import { type Positions, type Slot, slotsOf } from "./positions.ts";
import { isNominal, nominal, type Slowness, type Straggler, slower, slownessKey, slownessOf } from "./straggler.ts";

/** Slows its slots with a probability of its own, between 0 and 1. */
export interface RandomSource {
  readonly probability: number;
  /** Group is counted from the component's first. */
  readonly slots: readonly Slot[];
  readonly slowness: Slowness;
}

/** Lockstep groups that depend on each other by chance: slowness of [group][stage] that always holds, and sources. */
export interface Component {
  readonly always: readonly (readonly Slowness[])[];
  readonly sources: readonly RandomSource[];
  /** How many components are alike. */
  readonly count: number;
}

export function componentsOf(list: readonly Straggler[], positions: Positions, c: TrainingCase): readonly Component[] {
  const always = Array.from({ length: positions.groups }, () => new Array<Slowness>(positions.stages).fill(nominal));
  const random = new Map<string, RandomSource>();
  const add = (slots: readonly Slot[], slowness: Slowness, probability: number): void => {
    if (probability <= 0 || isNominal(slowness)) return;
    if (probability < 1) merge(random, { slots, slowness, probability });
    else
      for (const { group, stage } of slots) {
        const row = always[group];
        if (row !== undefined) row[stage] = slower(row[stage] ?? nominal, slowness);
      }
  };
  for (const straggler of list) {
    const { place, probability } = straggler;
    const slowness = slownessOf(straggler);
    if (place.kind !== "share") {
      add(slotsOf(place, positions, c), slowness, probability);
      continue;
    }
    for (let node = 0; node < positions.nodes; node++) {
      add(slotsOf({ kind: "node", node }, positions, c), slowness, place.share * probability);
    }
  }
  return alike(joined(always, [...random.values()]));
}

/** Sources with the same effect are one: it is slow unless none of them is. */
function merge(into: Map<string, RandomSource>, source: RandomSource): void {
  const key = `${source.slots.map(({ group, stage }) => `${group}.${stage}`).join(" ")}|${slownessKey(source.slowness)}`;
  const before = into.get(key)?.probability ?? 0;
  into.set(key, { ...source, probability: 1 - (1 - before) * (1 - source.probability) });
}

/** Groups that a source touches together, joined. */
function joined(always: readonly (readonly Slowness[])[], sources: readonly RandomSource[]): Component[] {
  const parent = always.map((_, group) => group);
  const rootOf = (group: number): number => {
    let root = group;
    while (parent[root] !== undefined && parent[root] !== root) root = parent[root] ?? root;
    parent[group] = root;
    return root;
  };
  for (const { slots } of sources) {
    const first = rootOf(slots[0]?.group ?? 0);
    for (const { group } of slots) {
      const other = rootOf(group);
      parent[Math.max(first, other)] = Math.min(first, other);
    }
  }
  const members = new Map<number, { groups: number[]; sources: RandomSource[] }>();
  always.forEach((_, group) => {
    const root = rootOf(group);
    const found = members.get(root) ?? { groups: [], sources: [] };
    found.groups.push(group);
    members.set(root, found);
  });
  for (const source of sources) members.get(rootOf(source.slots[0]?.group ?? 0))?.sources.push(source);
  return [...members.values()].map(({ groups, sources: own }) => {
    const place = new Map(groups.map((group, index) => [group, index]));
    return {
      always: groups.map((group) => always[group] ?? []),
      sources: own.map((source) => ({
        ...source,
        slots: source.slots.map(({ group, stage }) => ({ group: place.get(group) ?? 0, stage })),
      })),
      count: 1,
    };
  });
}

function alike(components: readonly Component[]): readonly Component[] {
  const found = new Map<string, Component>();
  for (const component of components) {
    const key = JSON.stringify([component.always, component.sources]);
    found.set(key, { ...component, count: (found.get(key)?.count ?? 0) + 1 });
  }
  return [...found.values()];
}
