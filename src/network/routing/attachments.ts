/**
 * How accelerators hang on networks, looked up once: the scale-up domain and its switch, the bridge of the node, network
 * ports, the rail, and the switches next to a port. An accelerator cabled to a switch of the fabric is its own port.
 */

import type { Topology } from "../topology/graph.ts";
import { domainsOf } from "./domains.ts";

export interface Attachments {
  /** By accelerator: the first of its scale-up domain, and the domain's size. */
  readonly domain: Int32Array;
  readonly domainSize: Int32Array;
  /** By accelerator: the link to its scale-up switch, to the bridge of its node; -1 where there is none. */
  readonly hub: Int32Array;
  readonly bridge: Int32Array;
  /** Ports of accelerator a: [portStarts[a], portStarts[a + 1]) of these, vertex and link to it (-1: itself). */
  readonly portStarts: Int32Array;
  readonly portVertices: Int32Array;
  readonly portLinks: Int32Array;
  /** By accelerator: cables from its ports to switches or other ports. */
  readonly ways: Int32Array;
  /** By accelerator: place of its first port among those of its node; its node (itself where nobody says). */
  readonly rail: Int32Array;
  readonly node: Int32Array;
  /** By port: the first accelerator that has it. */
  readonly owner: Int32Array;
}

export function attachmentsOf(topology: Topology): Attachments {
  const { accelerators, ports } = topology;
  const domains = domainsOf(topology);
  const found = {
    domain: domains.first,
    domainSize: domains.size,
    hub: new Int32Array(accelerators).fill(-1),
    bridge: new Int32Array(accelerators).fill(-1),
    portStarts: new Int32Array(accelerators + 1),
    ways: new Int32Array(accelerators),
    rail: new Int32Array(accelerators),
    node: nodesOf(topology),
    owner: new Int32Array(ports).fill(-1),
  };
  const vertices: number[] = [];
  const links: number[] = [];
  for (let accelerator = 0; accelerator < accelerators; accelerator++) {
    const begin = vertices.length;
    let own = false;
    for (let link = topology.starts[accelerator]!; link < topology.starts[accelerator + 1]!; link++) {
      const end = topology.ends[link]!;
      if (end < accelerators) continue;
      const { medium, name } = topology.classes[topology.classOf[link]!]!;
      if (end < accelerators + ports) {
        if (vertices.indexOf(end, begin) >= 0) continue;
        vertices.push(end);
        links.push(link);
        if (found.owner[end - accelerators] === -1) found.owner[end - accelerators] = accelerator;
      } else if (medium === "scale-up") found.hub[accelerator] = link;
      else if (name === "bridge") found.bridge[accelerator] = link;
      else own = true;
    }
    if (own && vertices.length === begin) {
      vertices.push(accelerator);
      links.push(-1);
    }
    found.portStarts[accelerator + 1] = vertices.length;
    for (let at = begin; at < vertices.length; at++) {
      found.ways[accelerator]! += waysOf(topology, vertices[at]!, links[at]! < 0 ? "accelerator" : "port");
    }
    found.rail[accelerator] = railOf(topology, found.node[accelerator]!, vertices[begin]);
  }
  return { ...found, portVertices: Int32Array.from(vertices), portLinks: Int32Array.from(links) };
}

/** Cables of a port that lead into the network; of an accelerator without ports those to switches that are not its own. */
function waysOf(topology: Topology, vertex: number, kind: "accelerator" | "port"): number {
  const { starts, ends, accelerators, ports, classes, classOf } = topology;
  let count = 0;
  for (let link = starts[vertex]!; link < starts[vertex + 1]!; link++) {
    const own = kind === "accelerator" && classes[classOf[link]!]!.medium === "scale-up";
    if (ends[link]! >= accelerators + (kind === "accelerator" ? ports : 0) && !own) count++;
  }
  return count;
}

function railOf({ nodes, accelerators }: Topology, node: number, port: number | undefined): number {
  if (nodes === undefined || port === undefined || port < accelerators) return 0;
  return port - accelerators - nodes.ports[node]!;
}

/** Node of each accelerator; each is one of its own where nobody says. */
function nodesOf({ accelerators, nodes }: Topology): Int32Array {
  const node = new Int32Array(accelerators);
  if (nodes === undefined) return node.map((_, index) => index);
  for (let each = 0; each + 1 < nodes.accelerators.length; each++) {
    node.fill(each, nodes.accelerators[each]!, nodes.accelerators[each + 1]!);
  }
  return node;
}
