/**
 * Whether accelerators that have to do with each other are all joined, without looking at every two of them. Ways go both
 * ways, and a way through the fabric to one accelerator and from there to another makes one between the two; a way
 * inside a node does not, because messages leave by their own ports. So who reaches two accelerators of different domains
 * reaches everybody who does.
 */

import type { Routes } from "../../network/index.ts";
import type { TrafficCase } from "../traffic/design.ts";

/** Accelerators that talk to nobody outside their group. */
export function groupsOfTraffic(traffic: TrafficCase): readonly (readonly number[])[] {
  switch (traffic.what) {
    case "pattern":
      return traffic.groups;
    case "trace":
      return [[...new Set(traffic.messages.flatMap(({ from, to }) => [from, to]))]];
    case "jobs":
      return traffic.jobs.map(({ accelerators }) => accelerators);
  }
}

/** True only where all reach all. */
export function reachesAll(routes: Routes, members: readonly number[]): boolean {
  const [first = 0] = members;
  const other = farFrom(routes, first, members);
  return members.every(
    (member) => joined(routes, first, member) && (other === undefined || joined(routes, other, member)),
  );
}

/** Whether ports of one accelerator may lead to networks of their own, of which failures leave one here and one there. */
export function severalPorts(routes: Routes, members: readonly number[]): boolean {
  const [first = 0] = members;
  const other = farFrom(routes, first, members);
  return other !== undefined && routes.parts(first, other) > routes.queuePairs;
}

function farFrom(routes: Routes, first: number, members: readonly number[]): number | undefined {
  return members.find((member) => routes.domainOf(member) !== routes.domainOf(first));
}

function joined(routes: Routes, one: number, other: number): boolean {
  return routes.path(one, other, 0) !== undefined && routes.path(other, one, 0) !== undefined;
}
