/** What makes a cluster impossible as a graph, before one is built. */

import type { Problem } from "../base/problem.ts";
import type { BytesPerSecond } from "../base/quantity.ts";
import type { Cluster, Fabric } from "../catalog/cluster.ts";

/** Pools of unlike nodes on one fabric: that of the first. */
export type Pools = readonly [Cluster, ...Cluster[]];

/** What is wrong before anything is built. */
export function shapeProblems(pools: Pools): Problem[] {
  const { fabric } = pools[0];
  const nodes = pools.reduce((sum, cluster) => sum + cluster.nodes, 0);
  return [
    ...pools.flatMap(rateProblems),
    ...sizeProblems(pools),
    ...tierProblems(pools[0], nodes),
    ...countProblems(fabric),
    ...placeProblems(pools, fabric, nodes),
  ];
}

/** More accelerators, or cables of one mesh, than a graph is made for. */
const largest = 4_000_000;

function sizeProblems(pools: Pools): Problem[] {
  const problems: Problem[] = [];
  const accelerators = pools.reduce((sum, pool) => sum + pool.accelerators, 0);
  if (accelerators > largest) {
    const message = `${accelerators} accelerators are more than a graph of ${largest} holds`;
    problems.push({ path: "cluster.nodes", message, hint: "use closed forms at this size" });
  }
  for (const { node, accelerators: own } of pools) {
    const domain = Math.min(node.scaleUp.domain, own);
    if (node.scaleUp.topology !== "mesh" || (domain * own) / 2 <= largest) continue;
    const message = `a full mesh of ${domain} accelerators`;
    problems.push({ path: "cluster.node.scaleUp.domain", message, hint: "a scale-up switch joins so many" });
  }
  return problems;
}

function countProblems({ radix, nodesPerLeaf, nodesPerPod }: Fabric): Problem[] {
  return Object.entries({ radix, nodesPerLeaf, nodesPerPod })
    .filter(([, count]) => count !== undefined && !(Number.isSafeInteger(count) && count > 0))
    .map(([key, count]) => ({
      path: `cluster.fabric.${key}`,
      message: `${key} of ${count}`,
      hint: "expected a whole number from 1",
    }));
}

function rateProblems({ node }: Cluster): Problem[] {
  const rates: readonly (readonly [path: string, rate: number, need: boolean])[] = [
    ["cluster.node.nics.bandwidth", node.nics.bandwidth, node.nics.count > 0],
    ["cluster.node.nics.link", node.nics.link ?? 1, node.nics.count > 0],
    ["cluster.node.scaleUp.bandwidth", node.scaleUp.bandwidth, node.scaleUp.domain > 1],
  ];
  return rates
    .filter(([, rate, need]) => need && !(rate > 0 && rate < Number.POSITIVE_INFINITY))
    .map(([path, rate]) => ({ path, message: `${rate} bytes/s`, hint: "expected more than 0" }));
}

function tierProblems({ fabric, node }: Cluster, nodes: number): Problem[] {
  const problems: Problem[] = [];
  const { tiers, topology } = fabric;
  if (topology !== "direct" && !topology.startsWith("torus-") && ![1, 2, 3].includes(tiers)) {
    problems.push({ path: "cluster.fabric.tiers", message: `${tiers} tiers of switches`, hint: "expected 1, 2 or 3" });
  }
  if (topology === "direct" && nodes > 2) {
    const message = `${nodes} nodes without switches between them`;
    problems.push({
      path: "cluster.fabric.topology",
      message,
      hint: "two nodes can be joined directly; name a fabric",
    });
  }
  fabric.oversubscription.forEach((factor, index) => {
    if (factor >= 1 / 64 && factor <= 1e6) return;
    const path = `cluster.fabric.oversubscription[${index}]`;
    problems.push({ path, message: `oversubscription ${factor}`, hint: "expected 1/64 or more; 1 is non-blocking" });
  });
  return [...problems, ...uplinkProblems(fabric.uplinkBandwidth, node.nics.bandwidth)];
}

function uplinkProblems(uplink: BytesPerSecond | undefined, port: BytesPerSecond): Problem[] {
  if (uplink === undefined || (uplink > 0 && uplink >= port / 64 && uplink < Number.POSITIVE_INFINITY)) return [];
  const hint = "expected a rate of 1/64 of a port's or more";
  return [{ path: "cluster.fabric.uplinkBandwidth", message: `${uplink} bytes/s`, hint }];
}

function placeProblems(pools: Pools, { buildings, topology }: Fabric, nodes: number): Problem[] {
  if (buildings === undefined) return [];
  const problems: Problem[] = [];
  const path = "cluster.fabric.buildings";
  if (!(buildings.bandwidth > 0)) {
    const message = `${buildings.bandwidth} bytes/s`;
    problems.push({ path: `${path}.bandwidth`, message, hint: "expected more than 0" });
  }
  if (!(buildings.roundTrip >= 0)) {
    problems.push({ path: `${path}.roundTrip`, message: `${buildings.roundTrip} s`, hint: "expected 0 or more" });
  }
  if (!Number.isInteger(buildings.count) || buildings.count < 1 || buildings.count > nodes) {
    const message = `${buildings.count} buildings for ${nodes} nodes`;
    problems.push({ path: `${path}.count`, message, hint: "expected at least one node in each" });
    return problems;
  }
  if (topology === "direct" || topology.startsWith("torus-")) {
    problems.push({ path, message: `${topology} has no switches to leave a building from`, hint: "use a tree" });
  }
  const split = splitDomain(pools, buildings.count, nodes);
  if (split !== undefined) {
    const hint = "nodes are dealt evenly: choose a number that keeps domains whole";
    problems.push({ path: `${path}.count`, message: split, hint });
  }
  return problems;
}

/** Where the border between two buildings goes through a scale-up domain. */
function splitDomain(pools: Pools, count: number, nodes: number): string | undefined {
  for (let building = 1; building < count; building++) {
    let place = Math.floor((building * nodes) / count);
    for (const { node, nodes: own, accelerators } of pools) {
      if (place >= own) {
        place -= own;
        continue;
      }
      const domain = Math.min(node.scaleUp.domain, accelerators);
      if (domain > node.acceleratorsPerNode && (place * node.acceleratorsPerNode) % domain !== 0) {
        return `a scale-up domain of ${domain} accelerators would lie in two buildings`;
      }
      break;
    }
  }
  return undefined;
}
