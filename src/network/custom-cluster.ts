/**
 * A cluster whose network is described cable by cable: the description takes the place of what its fabric would be built
 * as. Rates are those of the cables as they are labelled; what data gets of them follows from the transport.
 */

import { type Problem, ProblemError } from "../base/problem.ts";
import type { Cluster } from "../catalog/cluster.ts";
import { type CustomCable, customTopology, readCustomGraph, type Topology } from "./topology/index.ts";
import { transportOf } from "./transport.ts";

const path = "cluster.fabric.graph";

/** @throws ProblemError with everything that is wrong with the description, or with its size. */
export function customCluster({ accelerators, fabric }: Cluster): Topology {
  const read = readCustomGraph(fabric.graph, path);
  if ("problems" in read) throw new ProblemError(read.problems);
  const { goodput } = transportOf(fabric.transport);
  const inside = new Set(read.accelerators);
  const topology = customTopology({ ...read, cables: read.cables.map((cable) => payload(cable, inside, goodput)) });
  if ("problems" in topology) throw new ProblemError(topology.problems.map(placed));
  if (topology.accelerators === accelerators) return topology;
  const message = `${topology.accelerators} accelerators, and the cluster has ${accelerators}`;
  throw new ProblemError([{ path: `${path}.accelerators`, message, hint: "nodes x accelerators of a node" }]);
}

function placed(problem: Problem): Problem {
  return { ...problem, path: `${path}.${problem.path}` };
}

/** Cables of the fabric lose what the transport adds to data; those inside nodes are what they are. */
function payload(cable: CustomCable, accelerators: ReadonlySet<string>, goodput: number): CustomCable {
  const inside = accelerators.has(cable.from) && accelerators.has(cable.to);
  const medium = cable.medium ?? (inside ? "scale-up" : "fabric");
  return medium === "fabric" || medium === "long-haul" ? { ...cable, bandwidth: cable.bandwidth * goodput } : cable;
}
