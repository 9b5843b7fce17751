/** Nodes and fabrics by name or inline: an inline object starts from what it extends and replaces single fields. */

import { formatQuantity } from "../../base/quantity.ts";
import type { Accelerator } from "../../catalog/accelerator.ts";
import type { Cluster, Fabric, NodeType } from "../../catalog/cluster.ts";
import { accelerators, clusterOf, defaultFabric, fabrics, nodes } from "../../catalog/index.ts";
import { usualRouting } from "../../network/index.ts";
import type { ClusterText } from "../schema/cluster.ts";
import type { AcceleratorInline, FabricInline, NodeInline } from "../schema/hardware.ts";
import { checkFabricKeys, checkSwitches } from "./fabric-keys.ts";
import { merged, missingFields } from "./merge.ts";
import { type Notes, problem } from "./notes.ts";

/** The cluster, or nothing where a problem stands in its way. Names are known to exist since parsing. */
export function resolveCluster(written: ClusterText, notes: Notes): Cluster | undefined {
  const pool = written.pools?.[0];
  const path = pool === undefined ? "cluster" : "cluster.pools[0]";
  const nodeText = pool?.node ?? written.node;
  const count = pool?.nodes ?? written.nodes;
  if (nodeText === undefined || count === undefined) return undefined;
  return clusterAt(path, { node: nodeText, nodes: count, all: count, fabric: written.fabric }, notes);
}

interface ClusterAt {
  readonly node: string | NodeInline;
  readonly nodes: number;
  /** Nodes that the fabric joins, those of other pools too. */
  readonly all: number;
  readonly fabric: ClusterText["fabric"];
}

/** So many nodes of one kind, alone or among others. */
export function clusterAt(path: string, written: ClusterAt, notes: Notes): Cluster | undefined {
  const node = resolveNode(written.node, `${path}.node`, notes);
  if (node === undefined) return undefined;
  const fabric = resolveFabric(written.fabric, node, written.all, notes);
  if (fabric === undefined) return undefined;
  const cluster = clusterOf({ node, nodes: written.nodes, fabric });
  const problems = notes.problems.length;
  if (written.all === written.nodes) checkSwitches(written.fabric, cluster, notes);
  if (notes.problems.length > problems) return undefined;
  return isJoined(cluster, { path, all: written.all }, notes) ? cluster : undefined;
}

/** Several scale-up domains, or pools, need ports and a fabric between them. */
function isJoined(
  { node, nodes: count, fabric, accelerators }: Cluster,
  { path, all }: { readonly path: string; readonly all: number },
  notes: Notes,
): boolean {
  if (all === count && (count === 1 || accelerators <= node.scaleUp.domain)) return true;
  const domains = all > count ? "pools" : `${Math.ceil(accelerators / node.scaleUp.domain)} scale-up domains`;
  if (node.nics.count === 0 || node.nics.bandwidth === 0) {
    const lack = node.nics.count === 0 ? "no network ports" : "network ports without a bandwidth";
    const hint = "give the node nics: { count, bandwidth }, or use one node";
    problem(notes, `${path}.node`, `${node.name} has ${lack}, which ${domains} need`, hint);
    return false;
  }
  if (fabric.transport === "none") {
    problem(notes, "cluster.fabric", `no fabric joins the ${domains}`, "name one: windtunnel catalog fabric");
    return false;
  }
  return true;
}

const nodeFields = ["acceleratorsPerNode", "scaleUp.domain", "scaleUp.topology", "scaleUp.bandwidth"] as const;

function resolveNode(written: string | NodeInline, path: string, notes: Notes): NodeType | undefined {
  if (typeof written === "string") return nodes.find(written);
  const base = written.extends === undefined ? undefined : nodes.find(written.extends);
  const { extends: _, accelerator: acceleratorText, ...fields } = written;
  const accelerator =
    acceleratorText === undefined
      ? base?.accelerator
      : resolveAccelerator(acceleratorText, base?.accelerator, `${path}.accelerator`, notes);
  if (accelerator === undefined) {
    if (acceleratorText === undefined) {
      problem(notes, `${path}.accelerator`, "missing; expected an accelerator", "a catalog name, or extends: a node");
    }
    return undefined;
  }
  const follows = acceleratorText !== undefined && fields.scaleUp?.bandwidth === undefined;
  const domain = domainOf(written, base, path, notes);
  const start: Partial<NodeType> = base ?? {
    power: "unknown",
    sources: accelerator.sources,
    nics: { count: 0, bandwidth: 0 },
  };
  const node = merged(start, {
    ...fields,
    name: written.name ?? changedName(written.extends),
    label: written.label ?? written.name ?? changedName(written.extends),
    power: written.power ?? powerOf(base, accelerator),
    scaleUp: {
      ...(base === undefined ? { reduction: "none" } : {}),
      ...fields.scaleUp,
      ...(domain === undefined ? {} : { domain }),
      ...(follows ? { bandwidth: accelerator.scaleUp.bandwidth } : {}),
    },
  }) as NodeType;
  if (missingFields(node, nodeFields, path, notes) || !isWhole(node, path, notes)) return undefined;
  noteChanges(path, written, base?.name, notes);
  return { ...node, accelerator };
}

/** A node that is one scale-up domain stays one when only its accelerators are counted anew. */
function domainOf(written: NodeInline, base: NodeType | undefined, path: string, notes: Notes): number | undefined {
  const count = written.acceleratorsPerNode;
  if (count === undefined || written.scaleUp?.domain !== undefined) return undefined;
  if (base !== undefined && base.scaleUp.domain !== base.acceleratorsPerNode) return undefined;
  const reason = "not given; the accelerators of a node are one scale-up domain";
  notes.assumptions.push({ path: `${path}.scaleUp.domain`, value: String(count), reason });
  return count;
}

/** A scale-up domain holds whole nodes, or a node whole domains. */
function isWhole({ scaleUp: { domain }, acceleratorsPerNode: count }: NodeType, path: string, notes: Notes): boolean {
  if (domain % count === 0 || count % domain === 0) return true;
  const message = `${domain} accelerators are neither whole nodes of ${count} nor a whole part of one`;
  problem(notes, `${path}.scaleUp.domain`, message, `e.g. domain: ${count}`);
  return false;
}

/** Power of the node when its accelerators change: the rest of the node stays as it was. */
function powerOf(base: NodeType | undefined, accelerator: Accelerator): NodeType["power"] {
  if (base === undefined || base.power === "unknown") return "unknown";
  const before = base.accelerator.power;
  if (before === accelerator.power) return base.power;
  if (before === "unknown" || accelerator.power === "unknown") return "unknown";
  return base.power + base.acceleratorsPerNode * (accelerator.power - before);
}

const acceleratorFields = ["generation", "memory.capacity", "memory.bandwidth", "scaleUp.bandwidth"] as const;

/** An accelerator by name, or inline: from what it extends, else from the one of the node that is extended. */
function resolveAccelerator(
  written: string | AcceleratorInline,
  inherited: Accelerator | undefined,
  path: string,
  notes: Notes,
): Accelerator | undefined {
  if (typeof written === "string") return accelerators.find(written);
  const base = written.extends === undefined ? inherited : accelerators.find(written.extends);
  const { extends: _, ...fields } = written;
  const name = written.name ?? changedName(base?.name);
  const start: Partial<Accelerator> = base ?? { vendor: "hypothetical", power: "unknown", sources: [] };
  const scaleUp = { ...(base === undefined ? { kind: "nvlink" } : {}), ...fields.scaleUp };
  const accelerator = merged(start, { ...fields, name, label: written.label ?? name, scaleUp }) as Accelerator;
  if (missingFields(accelerator, acceleratorFields, path, notes)) return undefined;
  if (accelerator.peak === undefined || Object.keys(accelerator.peak).length === 0) {
    problem(notes, `${path}.peak`, "missing; expected a dense peak", "e.g. peak: { bf16: 989 Tflop/s }");
    return undefined;
  }
  noteChanges(path, written, base?.name, notes);
  const value = accelerator.generation;
  const reason = "hypothetical hardware runs its kernels as efficiently as its generation does";
  notes.assumptions.push({ path: `${path}.generation`, value, reason });
  return accelerator;
}

const fabricFields = ["transport", "topology", "tiers", "oversubscription", "hopLatency"] as const;

function resolveFabric(
  written: string | FabricInline | undefined,
  node: NodeType,
  count: number,
  notes: Notes,
): Fabric | undefined {
  const usual = defaultFabric(node, count);
  if (written === undefined) {
    const value = `${usual.name}, ${usual.tiers} ${usual.tiers === 1 ? "tier" : "tiers"}`;
    const reason = `not given; the usual fabric of ${node.name} at ${count} ${count === 1 ? "node" : "nodes"}`;
    notes.assumptions.push({ path: "cluster.fabric", value, reason });
    return usual;
  }
  if (typeof written === "string") return fabrics.find(written);
  const base = (written.extends === undefined ? usual : fabrics.find(written.extends)) ?? usual;
  const { extends: _, ...fields } = written;
  const name = written.name ?? (written.extends === undefined ? "custom" : changedName(written.extends));
  const tiers = written.tiers ?? (written.oversubscription?.length ?? base.tiers - 1) + 1;
  const kept = base.oversubscription.slice(0, Math.max(0, tiers - 1));
  const boundaries = [...kept, ...new Array<number>(Math.max(0, tiers - 1 - kept.length)).fill(1)];
  const oversubscription = written.oversubscription ?? boundaries;
  const plain = merged(base, { ...fields, name, label: written.label ?? name, tiers, oversubscription }) as Fabric;
  const fabric = written.routing === undefined ? plain : withRouting(plain, written.routing, node, notes);
  if (written.extends === undefined) inherited(fabric, written, node, usual, notes);
  const problems = notes.problems.length;
  checkFabricKeys(written, { fabric, node, count }, notes);
  if (notes.problems.length > problems) return undefined;
  if (missingFields(fabric, fabricFields, "cluster.fabric", notes)) return undefined;
  if (fabric.oversubscription.length !== Math.max(0, fabric.tiers - 1)) {
    const message = `${fabric.oversubscription.length} entries for ${fabric.tiers} tiers, expected ${Math.max(0, fabric.tiers - 1)}`;
    problem(notes, "cluster.fabric.oversubscription", message, "one entry per tier boundary, from the leaf up");
    return undefined;
  }
  if (fabric.reduction === "sharp" && fabric.transport !== "infiniband") {
    const message = `switches of ${fabric.transport} do not add`;
    problem(notes, "cluster.fabric.reduction", message, "transport: infiniband, or leave it out");
    return undefined;
  }
  if (written.nodesPerPod !== undefined && fabric.tiers < 3) {
    const message = `has no effect with ${fabric.tiers} tiers`;
    problem(notes, "cluster.fabric.nodesPerPod", message, "pods are joined by a third tier; remove it");
    return undefined;
  }
  return fabric;
}

/** What is said of routing, and the rest as the transport does it. */
function withRouting(
  fabric: Fabric,
  written: NonNullable<FabricInline["routing"]>,
  node: NodeType,
  notes: Notes,
): Fabric {
  const usual = usualRouting(fabric, node);
  for (const key of ["policy", "queuePairs", "forwarding"] as const) {
    if (written[key] !== undefined) continue;
    const reason = `not given; as ${fabric.transport} does it with ${node.name}`;
    notes.assumptions.push({ path: `cluster.fabric.routing.${key}`, value: String(usual[key]), reason });
  }
  return { ...fabric, routing: { ...usual, ...written } };
}

/** Says what an inline fabric took from the node's usual one. */
function inherited(fabric: Fabric, written: FabricInline, node: NodeType, usual: Fabric, notes: Notes): void {
  const reason = `not given; as ${usual.name}, the usual fabric of ${node.name}`;
  const take = (key: "transport" | "topology" | "tiers" | "hopLatency", value: string): void => {
    if (written[key] === undefined) notes.assumptions.push({ path: `cluster.fabric.${key}`, value, reason });
  };
  take("transport", fabric.transport);
  take("topology", fabric.topology);
  take("tiers", String(fabric.tiers));
  take("hopLatency", formatQuantity(fabric.hopLatency, "seconds"));
  if (written.oversubscription === undefined && fabric.tiers > 1) {
    const value = `[${fabric.oversubscription.join(", ")}]`;
    notes.assumptions.push({ path: "cluster.fabric.oversubscription", value, reason });
  }
}

function changedName(name: string | undefined): string {
  return name === undefined ? "custom" : `${name}-changed`;
}

function noteChanges(path: string, written: object, base: string | undefined, notes: Notes): void {
  const changed = Object.keys(written).filter((key) => !["extends", "name", "label"].includes(key));
  const value = base === undefined ? "as written" : `${base} with ${changed.join(", ") || "no field"} changed`;
  notes.assumptions.push({ path, value, reason: "hypothetical hardware, described in the scenario" });
}
