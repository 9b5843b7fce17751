/** From a collective scenario to its design: the cluster looked up, sizes written out, the group placed. */

import { pow } from "../../base/math.ts";
import { type Bytes, formatQuantity } from "../../base/quantity.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import {
  type CollectiveRequest,
  type ExpertExchange,
  exchangeProblems,
  type GroupPlacement,
  placementOf,
  platformOf,
  rankRate,
  requestProblems,
  wireBytesPerElement,
} from "../../network/index.ts";
import type { CollectiveDesign } from "../collective/design.ts";
import { asksForGraph, contention, fabricGraph, noteCollisions } from "../fabric.ts";
import type { CollectiveText, SizeRange } from "../schema/collective.ts";
import type { Scenario } from "../schema/parse.ts";
import { resolveCluster } from "./hardware.ts";
import type { Files } from "./model.ts";
import { emptyNotes, type Notes, problem, throwProblems } from "./notes.ts";
import { resolveProfile } from "./profile.ts";

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
  const fabric =
    cluster === undefined || placed === undefined ? undefined : graphOf(scenario, workload, { cluster, placed }, notes);
  const call = callOf(workload);
  const exchange = exchangeOf(workload);
  if (cluster !== undefined && placed !== undefined) {
    const forced = algorithm === undefined ? {} : { algorithm };
    checkCall(cluster, { operation: workload.operation, size: 1, group: placed.group, ...forced, ...call }, notes);
    if (exchange !== undefined)
      checkExchange(cluster, workload, { ...exchange, tokens: 1, group: placed.group }, notes);
  }
  const calibration = resolveProfile(workload.calibration, { files, cluster }, notes);
  throwProblems(notes, scenario.places);
  if (cluster === undefined || placed === undefined) throw new Error("a part is missing");
  return {
    name: scenario.name,
    seed: scenario.seed ?? 0,
    cluster,
    operation: workload.operation,
    sizes,
    ranks: placed.ranks,
    group: withContention(placed.group, fabric),
    ...(fabric === undefined ? {} : { fabric }),
    ...(algorithm === undefined ? {} : { algorithm }),
    call,
    ...(exchange === undefined ? {} : { exchange }),
    ...(calibration === undefined ? {} : { calibration }),
    assumptions: notes.assumptions,
    warnings: notes.warnings,
  };
}

function callOf({ channels, library, launch }: CollectiveText): CollectiveDesign["call"] {
  return {
    ...(channels === undefined ? {} : { channels }),
    ...(library === undefined ? {} : { library }),
    ...(launch === undefined ? {} : { launch }),
  };
}

function exchangeOf({ exchange }: CollectiveText): CollectiveDesign["exchange"] {
  if (exchange === undefined) return undefined;
  const { kernels, precision, ...rest } = exchange;
  return { ...rest, dispatcher: kernels, bytesPerElement: wireBytesPerElement(precision) };
}

/** An exchange has kernels of its own: nothing else of a call can be chosen. */
function checkExchange(cluster: Cluster, workload: CollectiveText, exchange: ExpertExchange, notes: Notes): void {
  if (workload.operation !== "all-to-all") {
    problem(notes, "workload.operation", `an exchange of tokens is no ${workload.operation}`, "write all-to-all");
  }
  for (const key of ["algorithm", "channels", "library", "launch"] as const) {
    if (workload[key] === undefined || workload[key] === "auto") continue;
    problem(notes, `workload.${key}`, `kernels of an exchange take no ${key}`, "leave it out");
  }
  for (const { path, message, hint } of exchangeProblems(platformOf(cluster), exchange)) {
    problem(notes, `workload.exchange.${path === "dispatcher" ? "kernels" : path}`, message, hint);
  }
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
  for (const key of ["size", "perNode"] as const) {
    if (group.accelerators === undefined || group[key] === undefined) continue;
    problem(notes, `workload.group.${key}`, "has no effect where accelerators are listed", "remove it");
  }
  if (group.accelerators !== undefined) return listedGroup(group.accelerators, group.sharing, cluster, notes);
  const { acceleratorsPerNode } = cluster.node;
  const perNode = group.perNode ?? Math.min(acceleratorsPerNode, group.size ?? acceleratorsPerNode);
  const room = Math.max(acceleratorsPerNode, cluster.node.scaleUp.domain) / Math.min(perNode, acceleratorsPerNode);
  if (group.sharing !== undefined && group.sharing > room) {
    const message = `${group.sharing} groups of ${perNode} a node, where ${Math.floor(room)} find accelerators`;
    problem(notes, "workload.group.sharing", message, `at most ${Math.floor(room)}`);
    return undefined;
  }
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
  return { ranks, group: groupOf(ranks, cluster, group.sharing) };
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
  return sound ? { ranks: accelerators, group: groupOf(accelerators, cluster, sharing) } : undefined;
}

/** Where a list of ranks sits; nodes of one kind, numbered in their order. */
export function groupOf(ranks: readonly number[], { node }: Cluster, sharing?: number): GroupPlacement {
  const { acceleratorsPerNode, nics, scaleUp } = node;
  const placed = placementOf(ranks, {
    domainOf: (rank) => Math.floor(rank / scaleUp.domain),
    nodeOf: (rank) => Math.floor(rank / acceleratorsPerNode),
    railOf: (rank) => Math.floor(((rank % acceleratorsPerNode) * nics.count) / acceleratorsPerNode),
  });
  return { ...placed, ...(sharing === undefined ? {} : { sharing }) };
}

function checkCall(cluster: Cluster, request: CollectiveRequest, notes: Notes): void {
  for (const { path, message, hint } of requestProblems(platformOf(cluster), request)) {
    // A protocol is written behind its algorithm.
    problem(notes, `workload.${path === "protocol" ? "algorithm" : path}`, message, hint ?? "");
  }
}

/** Closed forms know rates and tiers; what names single links, ways or places needs the graph. */
function graphOf(
  scenario: Scenario,
  { method = "auto", group, operation }: CollectiveText,
  { cluster, placed }: { readonly cluster: Cluster; readonly placed: PlacedGroup },
  notes: Notes,
): CollectiveDesign["fabric"] {
  const asked = asksForGraph(cluster) || group?.accelerators !== undefined;
  if (method === "closed-form") {
    if (asksForGraph(cluster)) {
      const message = "the fabric names links, ways or failures, which closed forms cannot see";
      problem(notes, "workload.method", message, "write flows, or auto");
    }
    return undefined;
  }
  if (method === "auto" && !asked) {
    if (placed.group.size > placed.group.perDomain) noteCollisions(cluster, notes);
    return undefined;
  }
  const graph = fabricGraph(cluster, scenario.seed ?? 0, notes);
  if (placed.ranks.length < 2) return undefined;
  const sharing = placed.group.sharing ?? 1;
  if (graph === undefined) return undefined;
  const rate = rankRate(platformOf(cluster), placed.group, operation);
  const found = contention(graph, { operation, groups: [placed.ranks] }, rate, notes);
  if (found === undefined) return undefined;
  if (sharing > 1) {
    const value = `${sharing} groups side by side share the rates of ports, not the links above them`;
    notes.assumptions.push({
      path: "workload.group.sharing",
      value,
      reason: "flows of one group were laid over links",
    });
  }
  return { topology: graph.topology, contention: found };
}

/** A design whose hardware has changed, laid on its fabric again. */
export function relaidCollective(design: CollectiveDesign): CollectiveDesign {
  if (design.fabric === undefined) return design;
  const { cluster, operation, ranks, seed } = design;
  const notes = emptyNotes();
  const graph = fabricGraph(cluster, seed, notes);
  if (graph === undefined) return design;
  const { contention: _contention, delay: _delay, ...group } = design.group;
  const found = contention(
    graph,
    { operation, groups: [ranks] },
    rankRate(platformOf(cluster), group, operation),
    notes,
  );
  if (found === undefined) return design;
  const fabric = { topology: graph.topology, contention: found };
  return { ...design, fabric, group: withContention(group, fabric) };
}

function withContention(group: GroupPlacement, fabric: CollectiveDesign["fabric"]): GroupPlacement {
  return fabric === undefined
    ? group
    : { ...group, contention: fabric.contention.factor, delay: fabric.contention.delay };
}
