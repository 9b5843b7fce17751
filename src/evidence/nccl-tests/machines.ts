/**
 * The machines of a run: what its ranks and devices say, what options add. A log names accelerators, not nodes: the
 * kind of node has a default, which is said; where a group of its ranks lies follows from the hosts.
 */

import type { Problem } from "../../base/problem.ts";
import { accelerators, defaultFabric, fabrics, type NodeType, nodes as nodeTypes } from "../../catalog/index.ts";
import { acceleratorOf, hasDeviceName } from "./devices.ts";
import type { NcclRun } from "./run.ts";

export interface MachineOptions {
  /** Catalog name of the kind of node. */
  readonly node?: string;
  /** Catalog name of the fabric between the nodes. */
  readonly fabric?: string;
  readonly nodes?: number;
}

export interface Machines {
  readonly node: NodeType;
  /** Catalog name, where an option says it; else the usual one. */
  readonly fabric?: string;
  readonly nodes: number;
  /** Ranks on one node. */
  readonly ranksPerNode: number;
  readonly assumptions: NcclRun["assumptions"];
  /** What the log leaves open, and nothing was taken for. */
  readonly notes: readonly string[];
  /** What the log cannot say, which option says it, and what was taken. */
  readonly asked: readonly { readonly what: string; readonly option: string; readonly taken: string }[];
}

export function machinesOf(run: NcclRun, options: MachineOptions = {}): Machines | Problem {
  const node = nodeOf(run, options.node);
  if ("message" in node) return node;
  const { fabric, nodes } = options;
  if (fabric !== undefined && fabrics.find(fabric) === undefined) return fabrics.unknown(fabric, "--fabric");
  const { type, asked } = node;
  const machines = placed(run, { type, asked, ...(nodes === undefined ? {} : { nodes }) });
  return "message" in machines ? machines : joined(machines, fabric);
}

/** A log does not say what joins its nodes, which ports and transport of a profile hang on. */
function joined(machines: Machines, fabric: string | undefined): Machines {
  if (fabric !== undefined) return { ...machines, fabric };
  const { node, nodes, asked } = machines;
  if (nodes === 1) return machines;
  const taken = defaultFabric(node, nodes);
  const more = { what: "the fabric", option: "--fabric NAME", taken: `${taken.name} (${taken.label})` };
  return { ...machines, asked: [...asked, more] };
}

/** The same run on nodes of a scenario; a problem where its devices are others. */
export function machinesOn(run: NcclRun, node: NodeType, nodes?: number): Machines | Problem {
  const { accelerator } = node;
  const isOther = (device: string): boolean => {
    const name = acceleratorOf(device);
    return name === undefined ? cannotBe(device, accelerator.name) : !sameProduct(name, accelerator.name);
  };
  if (run.devices.some(isOther)) {
    const message = `the log is of ${run.devices.join(", ")}, the scenario's nodes have ${accelerator.label}`;
    return refusal(run, message, "name the scenario of the machines that were measured");
  }
  const machines = placed(run, { type: node, asked: [], ...(nodes === undefined ? {} : { nodes }) });
  const open = run.devices.filter((device) => acceleratorOf(device) === undefined);
  if ("message" in machines || open.length === 0) return machines;
  const note = `whether ${open.join(", ")} of the log is the scenario's ${accelerator.label} cannot be told from its name`;
  return { ...machines, notes: [...machines.notes, note] };
}

/** Names of drivers that do not know their device. */
const nameless = /\bGraphics( Device)?$/i;

/** A name that the catalog does not have, where it has the one that the scenario's accelerators go by. */
function cannotBe(device: string, accelerator: string): boolean {
  return !nameless.test(device) && hasDeviceName(accelerator);
}

/** Memory of A100 differs by model, its links do not. */
function sameProduct(one: string, other: string): boolean {
  const bare = (name: string): string => name.replace(/-\d+gb$/, "");
  return bare(one) === bare(other);
}

function nodeOf(
  run: NcclRun,
  name: string | undefined,
): { readonly type: NodeType; readonly asked: Machines["asked"] } | Problem {
  if (name !== undefined) {
    const type = nodeTypes.find(name);
    return type === undefined ? nodeTypes.unknown(name, "--node") : { type, asked: [] };
  }
  const [device] = run.devices;
  if (device === undefined) {
    return refusal(run, "the log names no device", "--node NAME (windtunnel catalog node)");
  }
  const found = [...new Set(run.devices.map(acceleratorOf))];
  const [accelerator] = found;
  if (found.length > 1) return refusal(run, `devices differ: ${run.devices.join(", ")}`, "--node NAME");
  if (accelerator === undefined) {
    const hint = `known: ${accelerators.names.join(", ")}; --node NAME names nodes of another kind`;
    return refusal(run, `no accelerator of the catalog is called "${device}"`, hint);
  }
  const least = run.ranksPerHost ?? 1;
  const fitting = nodeTypes.entries.filter(
    (each) => each.accelerator.name === accelerator && each.acceleratorsPerNode >= least,
  );
  const [type] = fitting;
  if (type === undefined) {
    const message = `${least} ranks on one host, and no node of the catalog has as many ${device}`;
    return refusal(run, message, "--node NAME");
  }
  const asked = [{ what: "the kind of node", option: "--node NAME", taken: `${type.name} (${type.label})` }];
  return { type, asked: fitting.length > 1 || type.nics.count > 0 ? asked : [] };
}

function placed(
  run: NcclRun,
  { type, asked, nodes }: { readonly type: NodeType; readonly asked: Machines["asked"]; readonly nodes?: number },
): Machines | Problem {
  const whole = type.acceleratorsPerNode;
  const known = run.hosts.length > 0 ? run.hosts.length : run.nodes;
  if (known !== undefined && nodes !== undefined && nodes !== known) {
    return refusal(run, `the log names ${known} nodes, --nodes says ${nodes}`, "leave --nodes out");
  }
  const wrong = nodes === undefined ? undefined : contradiction(run, nodes, known);
  if (wrong !== undefined) return refusal(run, `${wrong}, --nodes says ${nodes}`, "leave --nodes out");
  const count = known ?? nodes ?? Math.max(Math.ceil(run.ranks / whole), run.hostsNamed);
  const ranksPerNode = run.ranksPerHost ?? Math.ceil(run.ranks / count);
  if (ranksPerNode > whole) {
    const message = `${ranksPerNode} ranks on one host, but ${type.name} has ${whole} accelerators`;
    return refusal(run, message, "--node NAME, or --nodes N where the log lists no hosts");
  }
  const uneven = run.rankHosts === undefined && run.ranks > ranksPerNode && run.ranks % ranksPerNode !== 0;
  if (uneven && run.program.operation !== "send-receive") {
    const message = `${run.ranks} ranks on ${count} nodes are not as many on each, and the log does not list them all`;
    return refusal(run, message, "paste the lines that begin with Rank");
  }
  const open = known === undefined && nodes === undefined;
  const assumed = { what: "nodes", taken: String(count), reason: `${run.ranks} ranks on full nodes of ${whole}` };
  return {
    node: type,
    nodes: count,
    ranksPerNode,
    notes: [],
    assumptions: open ? [...run.assumptions, assumed] : run.assumptions,
    asked: open ? [...asked, { what: "the number of nodes", option: "--nodes N", taken: String(count) }] : asked,
  };
}

/** What the log says against a number of nodes. */
function contradiction(run: NcclRun, nodes: number, known: number | undefined): string | undefined {
  if (known !== undefined && nodes !== known) return `the log names ${known} nodes`;
  if (nodes < run.hostsNamed) return `the log names ${run.hostsNamed} nodes and more ranks than it lists`;
  return nodes > run.ranks ? `the log has ${run.ranks} ranks` : undefined;
}

/** The group of a run as the language writes it. */
export interface GroupSection {
  readonly size?: number;
  readonly perNode?: number;
  readonly sharing?: number;
  readonly accelerators?: readonly number[];
}

/**
 * Where the ranks of a run lie. A test of sends is a ring of them: between nodes its slowest pair counts, one rank of
 * each, with ports of their own.
 */
export function groupOf(run: NcclRun, { node, ranksPerNode, nodes }: Machines): GroupSection {
  if (run.program.operation === "send-receive") {
    return { accelerators: nodes > 1 ? [0, node.acceleratorsPerNode] : [0, 1] };
  }
  const sharing = run.groups > 1 ? { sharing: run.groups } : {};
  if (run.rankHosts !== undefined && run.ranks !== ranksPerNode * nodes) {
    return { accelerators: listed(run.rankHosts, node.acceleratorsPerNode), ...sharing };
  }
  return { size: run.ranks, perNode: ranksPerNode, ...sharing };
}

/** The accelerators of ranks on unlike hosts: host by host, each with its first. */
function listed(rankHosts: readonly number[], acceleratorsPerNode: number): readonly number[] {
  const used = new Map<number, number>();
  return rankHosts.map((host) => {
    const index = used.get(host) ?? 0;
    used.set(host, index + 1);
    return host * acceleratorsPerNode + index;
  });
}

function refusal({ file, line }: NcclRun, message: string, hint: string): Problem {
  return { path: "", message, hint, location: { file, line, column: 1 } };
}
