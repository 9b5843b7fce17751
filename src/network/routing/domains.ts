/** Scale-up domains: accelerators that reach each other without a network port. Their numbers are in a row. */

import type { Topology } from "../topology/graph.ts";

/** For each accelerator the first of its domain and the domain's size. */
export function domainsOf(topology: Topology): { readonly first: Int32Array; readonly size: Int32Array } {
  const { accelerators, ports, starts, ends, vertices, classOf, classes } = topology;
  const domain = new Int32Array(vertices).fill(-1);
  const queue = new Int32Array(vertices);
  const size = new Int32Array(accelerators);
  for (let first = 0; first < accelerators; first++) {
    if (domain[first] !== -1) continue;
    let [length, members] = [1, 0];
    queue[0] = first;
    domain[first] = first;
    for (let at = 0; at < length; at++) {
      const vertex = queue[at]!;
      if (vertex < accelerators) members++;
      for (let link = starts[vertex]!; link < starts[vertex + 1]!; link++) {
        const next = ends[link]!;
        const port = next >= accelerators && next < accelerators + ports;
        if (port || domain[next] !== -1 || classes[classOf[link]!]!.medium !== "scale-up") continue;
        domain[next] = first;
        queue[length++] = next;
      }
    }
    for (let at = 0; at < length; at++) if (queue[at]! < accelerators) size[queue[at]!] = members;
  }
  return { first: domain.slice(0, accelerators), size };
}
