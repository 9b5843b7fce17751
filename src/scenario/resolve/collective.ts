/** From a collective scenario to its design: the cluster looked up, sizes written out, the group placed. */

import { pow } from "../../base/math.ts";
import { type Bytes, formatQuantity } from "../../base/quantity.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import { nodes } from "../../catalog/index.ts";
import {
  algorithmsFor,
  type CollectiveOperation,
  type GroupPlacement,
  type Profile,
  parseProfile,
  platformOf,
} from "../../network/index.ts";
import type { CollectiveDesign } from "../collective/design.ts";
import type { CollectiveText, SizeRange } from "../schema/collective.ts";
import type { Scenario } from "../schema/parse.ts";
import { resolveCluster } from "./hardware.ts";
import type { Files } from "./model.ts";
import { emptyNotes, type Notes, problem, throwProblems } from "./notes.ts";

/**
 * The design of a collective scenario.
 * @throws ProblemError with every problem found: unknown hardware, impossible groups, algorithms that cannot run there.
 */
export function resolveCollective(scenario: Scenario, workload: CollectiveText, files: Files = {}): CollectiveDesign {
  const notes = emptyNotes();
  const cluster = resolveCluster(scenario.cluster, notes);
  const sizes = resolveSizes(workload.sizes, notes);
  const placed = cluster === undefined ? undefined : placedGroup(workload, cluster, notes);
  const algorithm = workload.algorithm === "auto" ? undefined : workload.algorithm;
  if (cluster !== undefined && placed !== undefined && algorithm !== undefined) {
    checkAlgorithm(cluster, { operation: workload.operation, group: placed.group, algorithm }, notes);
  }
  const calibration = workload.calibration === undefined ? undefined : profileAt(workload.calibration, files, notes);
  if (cluster !== undefined && calibration !== undefined) checkProfile(cluster, calibration, notes);
  throwProblems(notes, scenario.places);
  if (cluster === undefined || placed === undefined) throw new Error("a part is missing");
  return {
    name: scenario.name,
    seed: scenario.seed ?? 0,
    cluster,
    operation: workload.operation,
    sizes,
    ...placed,
    ...(algorithm === undefined ? {} : { algorithm }),
    ...(calibration === undefined ? {} : { calibration }),
    assumptions: notes.assumptions,
    warnings: notes.warnings,
  };
}

/** The profile of a file, whose text was given. */
function profileAt(path: string, files: Files, notes: Notes): Profile | undefined {
  const text = files[path];
  if (text === undefined) {
    problem(notes, "workload.calibration", `the text of "${path}" was not given`, "pass it with the scenario");
    return undefined;
  }
  const parsed = parseProfile(text, path);
  if ("curves" in parsed) return parsed;
  for (const { path: at, message, hint } of parsed) {
    problem(notes, "workload.calibration", `${at}: ${message}`, hint ?? "make it again");
  }
  return undefined;
}

/** Curves of other machines say nothing of these. */
function checkProfile({ node }: Cluster, { name, node: measured }: Profile, notes: Notes): void {
  if (nodes.find(measured)?.accelerator.generation === node.accelerator.generation) return;
  const message = `${name} was measured on ${measured}, the cluster has ${node.name}`;
  problem(notes, "workload.calibration", message, "a profile of the same machines");
}

/** Most sizes of one sweep. */
const sizesMost = 1000;

function resolveSizes(written: CollectiveText["sizes"], notes: Notes): readonly Bytes[] {
  if ("from" in written) return sizesBetween(written, notes);
  return [...new Set(written)].sort((a, b) => a - b);
}

function sizesBetween({ from, to, factor = 2 }: SizeRange, notes: Notes): readonly Bytes[] {
  if (to < from) {
    const shown = (size: Bytes): string => formatQuantity(size, "bytes");
    problem(notes, "workload.sizes.to", `${shown(to)} is less than from, ${shown(from)}`, "from the smallest up");
    return [];
  }
  const sizes: Bytes[] = [];
  // Powers by themselves, so that a long sweep does not drift from them.
  for (let index = 0; index < sizesMost; index++) {
    const size = Math.round(from * pow(factor, index));
    if (size > to * (1 + 1e-9)) return sizes;
    sizes.push(size);
  }
  problem(notes, "workload.sizes.factor", `more than ${sizesMost} sizes`, "a larger factor");
  return [];
}

interface PlacedGroup {
  readonly group: GroupPlacement;
  readonly ranks: readonly number[];
}

function placedGroup(workload: CollectiveText, cluster: Cluster, notes: Notes): PlacedGroup | undefined {
  const { group = {} } = workload;
  if (group.accelerators !== undefined) return listedGroup(group.accelerators, group.sharing, cluster, notes);
  const { acceleratorsPerNode } = cluster.node;
  const perNode = group.perNode ?? Math.min(acceleratorsPerNode, group.size ?? acceleratorsPerNode);
  if (perNode > acceleratorsPerNode) {
    const message = `${perNode} of a node with ${acceleratorsPerNode} accelerators`;
    problem(notes, "workload.group.perNode", message, `at most ${acceleratorsPerNode}`);
    return undefined;
  }
  const most = cluster.nodes * perNode;
  const size = group.size ?? most;
  if (size > most || (size > perNode && size % perNode !== 0)) {
    const message =
      size > most
        ? `${size} accelerators, and ${cluster.nodes} nodes have ${most} at ${perNode} a node`
        : `${size} is no whole number of nodes at ${perNode} a node`;
    problem(notes, "workload.group.size", message, `a multiple of ${perNode}, at most ${most}`);
    return undefined;
  }
  const ranks = Array.from({ length: size }, (_, rank) => {
    return Math.floor(rank / perNode) * acceleratorsPerNode + (rank % perNode);
  });
  return { ranks, group: placementOf(ranks, cluster, group.sharing) };
}

function listedGroup(
  accelerators: readonly number[],
  sharing: number | undefined,
  cluster: Cluster,
  notes: Notes,
): PlacedGroup | undefined {
  const seen = new Set<number>();
  let sound = true;
  accelerators.forEach((accelerator, index) => {
    const path = `workload.group.accelerators[${index}]`;
    if (accelerator >= cluster.accelerators) {
      problem(notes, path, `no accelerator ${accelerator}`, `0 to ${cluster.accelerators - 1} are there`);
      sound = false;
    } else if (seen.has(accelerator)) {
      problem(notes, path, `accelerator ${accelerator} is there twice`, "each takes part once");
      sound = false;
    }
    seen.add(accelerator);
  });
  return sound ? { ranks: accelerators, group: placementOf(accelerators, cluster, sharing) } : undefined;
}

/** Where a list of ranks sits: the fullest scale-up domain counts, since it shares its ports least evenly. */
function placementOf(ranks: readonly number[], cluster: Cluster, sharing: number | undefined): GroupPlacement {
  const counts = new Map<number, number>();
  for (const rank of ranks) {
    const domain = Math.floor(rank / cluster.node.scaleUp.domain);
    counts.set(domain, (counts.get(domain) ?? 0) + 1);
  }
  const perDomain = Math.ceil(ranks.length / counts.size);
  const [first = 0, second = first + 1] = ranks;
  return {
    size: ranks.length,
    perDomain,
    stride: Math.max(1, Math.abs(second - first)),
    ...(sharing === undefined ? {} : { sharing }),
  };
}

function checkAlgorithm(
  cluster: Cluster,
  asked: { readonly operation: CollectiveOperation; readonly group: GroupPlacement; readonly algorithm: string },
  notes: Notes,
): void {
  const { operation, group, algorithm } = asked;
  if (group.size < 2) return;
  const known = algorithmsFor(platformOf(cluster), { operation, size: 1, group });
  const [name = "", protocol] = algorithm.split("/");
  if (known.includes(name) && (protocol === undefined || ["ll", "ll128", "simple"].includes(protocol))) return;
  const message = known.includes(name)
    ? `unknown protocol "${protocol}"`
    : `${name} cannot run ${operation} on this group`;
  const hint = known.includes(name) ? "ll, ll128 or simple" : `possible here: auto, ${known.join(", ")}`;
  problem(notes, "workload.algorithm", message, hint);
}
