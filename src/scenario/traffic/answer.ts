/** What a kind of traffic answers, before it is a prediction. */

import { type Problem, ProblemError } from "../../base/problem.ts";
import type { Term } from "../../base/term.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import { clusterRoutes, type NoWay, type Routes, type Topology, usualRouting } from "../../network/index.ts";
import type { Assumption, Basis, LinkUse, Point, SharedLinks } from "../prediction.ts";
import type { TrafficDesign } from "./design.ts";

export interface Answer {
  readonly metrics: Readonly<Record<string, number>>;
  readonly terms: Term;
  readonly points?: readonly Point[];
  readonly links: readonly LinkUse[];
  readonly sharedLinks?: readonly SharedLinks[];
  readonly assumptions: readonly Assumption[];
  readonly warnings: readonly string[];
  /** Of metrics about which more is known than nothing. */
  readonly basis?: Readonly<Record<string, Basis>>;
}

/** Fullest links that are worth naming. */
export const linksShown = 10;

/** Unit of a metric by its name. */
export function trafficUnit(name: string): string {
  if (name === "endpointGoodput") return "B/s";
  return /^(slowdown|hottestLink)/.test(name) ? "1" : "s";
}

/** No public runs of such traffic are in the evidence, so nothing says how far off a figure is. */
export function basisOfTraffic(metrics: Readonly<Record<string, number>>): Record<string, Basis> {
  const basis: Basis = { interval: null, level: 0.9, trust: "assumed" };
  return Object.fromEntries(Object.keys(metrics).map((name) => [name, basis]));
}

/** Ways of plain messages. */
export function messageRoutes(
  { cluster, forwarding, seed }: Pick<TrafficDesign, "cluster" | "forwarding" | "seed">,
  topology: Topology,
): Routes {
  const { fabric, node } = cluster;
  const routing = { ...(fabric.routing ?? usualRouting(fabric, node)), forwarding };
  return clusterRoutes({ ...cluster, fabric: { ...fabric, routing } }, topology, seed);
}

/** Stops where failures leave two accelerators apart. */
export function reached<Found extends object>(found: Found | NoWay, cluster: Cluster): Found {
  if (!("from" in found && "to" in found)) return found as Found;
  throw new ProblemError([noWayProblem(found, cluster)]);
}

function noWayProblem({ from, to }: NoWay, { fabric }: Cluster): Problem {
  const message = `no way is left from accelerator ${from} to accelerator ${to}`;
  const path = fabric.failures === undefined ? "cluster.fabric" : "cluster.fabric.failures";
  return { path, message, hint: "fewer failures, more tiers, or routing: { forwarding: rail }" };
}
