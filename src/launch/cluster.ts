/**
 * The machines of a launch: what the file says of them, what the options add, and whether the degrees fill them. The kind
 * of node has a default, which is said; the number of nodes never has.
 */

import { nodes as nodeTypes } from "../catalog/index.ts";
import { assume, complain, countOf, find, put, type Setting, type Sheet } from "./sheet.ts";

export interface ClusterOptions {
  readonly node?: string;
  readonly nodes?: number;
}

export interface ClusterFacts {
  /** Names under which the file states its number of nodes, and of accelerators in each. */
  readonly nodes: readonly string[];
  readonly perNode: readonly string[];
  /** Names under which the file states its accelerators in all, of one node where it states no number of nodes. */
  readonly processes?: readonly string[];
  /** Node taken where nobody names one. */
  readonly usual: string;
  /** Accelerators in all, where the file's degrees say so. */
  readonly accelerators?: number;
}

/** Writes `cluster` and returns its accelerators; undefined after a problem. */
export function placeCluster(sheet: Sheet, facts: ClusterFacts, options: ClusterOptions): number | undefined {
  const name = options.node ?? facts.usual;
  const type = nodeTypes.find(name);
  if (type === undefined) {
    sheet.problems.push(nodeTypes.unknown(name, "--node"));
    return undefined;
  }
  if (options.node === undefined) {
    const label = `${facts.usual} (${type.label})`;
    sheet.asked.push({ what: "the kind of node", option: "--node NAME", taken: label });
    assume(sheet, "cluster.node", type.name, "a launch file does not name its machines; say --node");
  }
  const perNodeSetting = find(sheet, ...facts.perNode);
  const few =
    options.nodes === undefined
      ? Math.min(facts.accelerators ?? type.acceleratorsPerNode, type.acceleratorsPerNode)
      : type.acceleratorsPerNode;
  const whole = find(sheet, ...(facts.processes ?? []));
  if (whole !== undefined && perNodeSetting === undefined) return placeProcesses(sheet, whole, type, facts, options);
  const perNode = countOf(sheet, perNodeSetting) ?? few;
  const count = nodeCount(sheet, facts, options, perNode);
  putNode(sheet, type.name, perNode, perNodeSetting, type.acceleratorsPerNode);
  if (count === undefined) return undefined;
  put(sheet, "cluster.nodes", count, find(sheet, ...facts.nodes));
  return count * perNode;
}

/** Processes of all nodes, the same number on each. */
function placeProcesses(
  sheet: Sheet,
  whole: Setting,
  type: { readonly name: string; readonly acceleratorsPerNode: number },
  facts: ClusterFacts,
  options: ClusterOptions,
): number | undefined {
  const processes = countOf(sheet, whole);
  const stated = find(sheet, ...facts.nodes);
  const alone = stated === undefined && options.nodes === undefined;
  const count = alone ? 1 : nodeCount(sheet, facts, options, type.acceleratorsPerNode);
  if (processes === undefined || count === undefined) return undefined;
  if (alone) assume(sheet, "cluster.nodes", 1, `no number of machines beside ${whole.name}: the launcher's default`);
  const perNode = processes / count;
  if (!Number.isInteger(perNode)) {
    const message = `contradictory: ${processes} processes on ${count} nodes`;
    complain(sheet, whole, message, "processes are counted over all nodes: choose a multiple of them");
    return undefined;
  }
  putNode(sheet, type.name, perNode, whole, type.acceleratorsPerNode);
  put(sheet, "cluster.nodes", count, stated);
  return processes;
}

function putNode(sheet: Sheet, name: string, perNode: number, from: Setting | undefined, whole: number): void {
  if (perNode === whole) {
    put(sheet, "cluster.node", name, from);
    return;
  }
  if (perNode > whole) {
    const hint = "name the kind of node with --node, or write one inline afterwards";
    complain(sheet, from, `${perNode} accelerators a node, but ${name} has ${whole}`, hint);
    return;
  }
  // A server of which fewer accelerators are used, one port each.
  put(
    sheet,
    "cluster.node",
    { extends: name, acceleratorsPerNode: perNode, scaleUp: { domain: perNode }, nics: { count: perNode } },
    from,
  );
  assume(sheet, "cluster.node", `${perNode} of ${whole} accelerators`, `${name} with a port for each one used`);
}

function nodeCount(sheet: Sheet, facts: ClusterFacts, options: ClusterOptions, perNode: number): number | undefined {
  const setting = find(sheet, ...facts.nodes);
  if (options.nodes !== undefined) {
    const stated = setting?.missing === undefined ? setting?.text : undefined;
    if (stated !== undefined && Number(stated) !== options.nodes) {
      assume(sheet, "cluster.nodes", options.nodes, `--nodes; the file says ${stated} (${setting?.name})`);
    }
    return options.nodes;
  }
  if (setting !== undefined) return countOf(sheet, setting);
  if (facts.accelerators !== undefined) {
    const count = facts.accelerators / perNode;
    if (Number.isInteger(count)) {
      assume(sheet, "cluster.nodes", count, `${facts.accelerators} ranks of the degrees, ${perNode} a node`);
      return count;
    }
    complain(
      sheet,
      undefined,
      `${facts.accelerators} ranks do not fill nodes of ${perNode} accelerators`,
      "--node, --nodes",
    );
    return undefined;
  }
  complain(
    sheet,
    undefined,
    "the number of nodes is not stated, and nothing says how many ranks there are",
    "--nodes N",
  );
  return undefined;
}

const degrees = ["tensor", "context", "pipeline"] as const;

/** Writes `layout.data`: what tensor, context and pipeline leave of the accelerators, or what the file states. */
export function placeData(
  sheet: Sheet,
  accelerators: number,
  stated?: { readonly data: number; readonly from: Setting | undefined },
): void {
  const factors = degrees.map((name) => (sheet.values.get(`layout.${name}`) as number | undefined) ?? 1);
  const inner = factors.reduce((product, next) => product * next, 1);
  const named = degrees.map((name, index) => `${name} ${factors[index]}`).filter((_, index) => factors[index] !== 1);
  const words = named.length === 0 ? "tensor 1" : named.join(" x ");
  const count = sheet.values.get("cluster.nodes") as number;
  const machines = `${accelerators} accelerators (${count} node${count === 1 ? "" : "s"} of ${accelerators / count})`;
  const at = degrees
    .map((name) => sheet.origins.get(`layout.${name}`))
    .findLast((found) => found !== undefined && Number(found.value) !== 1);
  if (stated !== undefined) {
    if (stated.data * inner !== accelerators) {
      const message = `contradictory degrees: ${words} x data ${stated.data} = ${stated.data * inner}, but there are ${machines}`;
      complain(sheet, stated.from ?? at, message, "--nodes, or change a degree");
      return;
    }
    put(sheet, "layout.data", stated.data, stated.from);
    return;
  }
  const data = accelerators / inner;
  if (!Number.isInteger(data)) {
    const perNode = accelerators / count;
    const enough =
      inner % perNode === 0 ? `--nodes ${inner / perNode} or a multiple of it` : "--nodes, or change a degree";
    complain(sheet, at, `contradictory: ${words} = ${inner} does not divide the ${machines}`, enough);
    return;
  }
  put(sheet, "layout.data", data);
}

/** Writes `workload.globalBatch` where the file leaves it to the program: micro-batch x data x accumulation. */
export function placeBatch(sheet: Sheet, accumulation: number, reason: string): void {
  const micro = sheet.values.get("layout.microBatch");
  const data = sheet.values.get("layout.data");
  if (typeof micro !== "number" || typeof data !== "number" || sheet.values.has("workload.globalBatch")) return;
  put(sheet, "workload.globalBatch", micro * data * accumulation);
  assume(sheet, "workload.globalBatch", micro * data * accumulation, reason);
}
