/** `stragglers:` and `jitter:` against the layout: places that exist, no two that contradict each other. */

import type { Cluster } from "../../catalog/cluster.ts";
import type { Layout, Straggler, StragglerPlace, Stragglers } from "../../training/index.ts";
import type { Scenario } from "../schema/parse.ts";
import type { StragglerText } from "../schema/stragglers.ts";
import { given, type Notes, problem } from "./notes.ts";

interface StragglerKeys {
  readonly stragglers?: Stragglers;
  readonly jitter?: number;
}

/** Both keys as a case holds them; nothing where they are not given. */
export function resolveStragglers(
  scenario: Scenario,
  layout: Layout | undefined,
  cluster: Cluster | undefined,
  notes: Notes,
): StragglerKeys {
  const { stragglers, jitter, seed } = scenario;
  if (jitter !== undefined && cluster?.nodes === 1) {
    problem(notes, "jitter", "has no effect with one node", "remove it");
  }
  const keys = jitter === undefined ? {} : { jitter };
  if (stragglers === undefined || layout === undefined || cluster === undefined) return keys;
  const list = stragglers.flatMap((written, index) => {
    const path = `stragglers[${index}]`;
    const place = placeOf(written, path, notes);
    if (place === undefined || !inside(place, path, layout, cluster, notes)) return [];
    const what = given(notes, `${path}.what`, written.what, "computation" as const, "not given");
    return [{ place, factor: written.factor, what, probability: written.probability ?? 1 }];
  });
  if (list.length === stragglers.length) contradictions(list, notes);
  if (list.some(({ place }) => place.kind === "share")) {
    const reason = "which nodes are slow is not given; the step is the expectation over it";
    notes.assumptions.push({ path: "stragglers", value: "slow nodes anywhere, independent of each other", reason });
  }
  return { ...keys, stragglers: { list, seed: seed ?? 0 } };
}

const places = ["rank", "node", "stage", "dataRank", "share"] as const;

function placeOf(written: StragglerText, path: string, notes: Notes): StragglerPlace | undefined {
  const named = places.filter((key) => written[key] !== undefined);
  const { rank, node, stage, dataRank, share } = written;
  if (named.length === 0) {
    problem(notes, path, `names no place, expected one of ${places.join(", ")}`, "e.g. { rank: 12, factor: 1.3 }");
    return undefined;
  }
  if (named.length > 1 && named.join() !== "stage,dataRank") {
    problem(notes, path, `names ${named.join(" and ")}, expected one place`, "only stage and dataRank go together");
    return undefined;
  }
  if (rank !== undefined) return { kind: "rank", rank };
  if (node !== undefined) return { kind: "node", node };
  if (stage !== undefined) return { kind: "stage", stage, ...(dataRank === undefined ? {} : { dataRank }) };
  if (dataRank !== undefined) return { kind: "data", dataRank };
  return { kind: "share", share: share ?? 0 };
}

/** Whether the place exists; a problem where not. */
function inside(place: StragglerPlace, path: string, layout: Layout, cluster: Cluster, notes: Notes): boolean {
  const limits = { rank: cluster.accelerators, node: cluster.nodes, stage: layout.pipeline, dataRank: layout.data };
  let fits = true;
  for (const [key, limit] of Object.entries(limits)) {
    const at = (place as unknown as Readonly<Record<string, unknown>>)[key];
    if (typeof at !== "number" || at < limit) continue;
    const noun = key === "dataRank" ? "data ranks" : `${key}s`;
    problem(notes, `${path}.${key}`, `${at}, but the layout has ${limit} ${noun}`, `count from 0 to ${limit - 1}`);
    fits = false;
  }
  return fits;
}

/** Two factors for the same times of the same place in the same steps cannot both hold. */
function contradictions(list: readonly Straggler[], notes: Notes): void {
  const overlap = (one: Straggler, other: Straggler): boolean =>
    JSON.stringify(one.place) === JSON.stringify(other.place) &&
    one.probability === other.probability &&
    (one.what === other.what || one.what === "both" || other.what === "both");
  list.forEach((straggler, index) => {
    const before = list.findIndex((other) => overlap(straggler, other));
    if (before >= index) return;
    const factor = list[before]?.factor ?? 0;
    const same = factor === straggler.factor ? "is there twice" : `contradicts stragglers[${before}]`;
    const message = `${same}: the same place with factor ${straggler.factor} and ${factor}`;
    problem(notes, `stragglers[${index}]`, message, "remove one of them");
  });
}
