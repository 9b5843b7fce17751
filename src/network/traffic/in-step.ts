/**
 * Messages that move in step as one flow: what a unit of it puts on every link. A unit is a byte of what the busiest
 * endpoint sends, so that two such flows on one link share it by endpoints, each of which sends one message at a time.
 * All move at the pace of the one whose links are used most, and the whole ends with it.
 */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { SharedPath } from "../../simulation/index.ts";
import { collectiveFlow, type FlowRequest } from "../flow/index.ts";
import { LinkUses, type Routes } from "../routing/index.ts";
import { pathLatency } from "../topology/index.ts";
import { type NoWay, type Step, sendMessage } from "./message.ts";

export interface InStep {
  readonly path: SharedPath;
  readonly size: Bytes;
}

/** With the longest way of its messages. */
export interface StepInStep extends InStep {
  readonly latency: Seconds;
}

/** A step of messages, hashed from this key on. */
export function stepFlow(routes: Routes, messages: Step, key: number): StepInStep | NoWay {
  const { topology } = routes;
  const sent = new Map<number, Bytes>();
  for (const { from, size } of messages) sent.set(from, (sent.get(from) ?? 0) + size);
  let busiest = 0;
  for (const size of sent.values()) busiest = Math.max(busiest, size);
  if (busiest === 0) return { path: { resources: new Int32Array(0) }, size: 0, latency: 0 };
  const own = new LinkUses(topology.ends.length);
  const uses = new LinkUses(topology.ends.length);
  const known = new Set<number>();
  let latency = 0;
  for (const [index, { from, to, size }] of messages.entries()) {
    const relation = relationOf(routes, from, to);
    const amount = size / busiest;
    if (known.has(relation)) {
      if (sendMessage(routes, uses, { from, to, key: key + index, amount }) === "no-way") return { from, to };
      continue;
    }
    known.add(relation);
    if (sendMessage(routes, own, { from, to, key: key + index, amount: 1 }) === "no-way") return { from, to };
    const path = own.take();
    latency = Math.max(latency, pathLatency(topology, path));
    addPath(uses, path, amount);
  }
  return { path: uses.take(), size: busiest, latency };
}

/** Equal for messages whose ways are as long: from one domain to another, on the same rail or not. */
function relationOf(routes: Routes, from: number, to: number): number {
  const [there, here] = [routes.domainOf(to), routes.domainOf(from)];
  const rails = to - there === from - here ? 1 : 0;
  return (here * routes.topology.accelerators + there) * 2 + rails;
}

function addPath(uses: LinkUses, { resources, use }: SharedPath, amount: number): void {
  for (let at = 0; at < resources.length; at++) uses.add(resources[at]!, amount * (use === undefined ? 1 : use[at]!));
}

/** The same collective in several groups at once. */
export function collectivesFlow(
  routes: Routes,
  request: Omit<FlowRequest, "ranks"> & { readonly groups: readonly (readonly number[])[]; readonly size: Bytes },
): InStep | NoWay {
  const { groups, size, key = 0, ...operation } = request;
  const uses = new LinkUses(routes.topology.ends.length);
  let next = key;
  for (const ranks of groups) {
    const path = collectiveFlow(routes, { ...operation, ranks, key: next });
    if (path === undefined) return apart(routes, ranks);
    addPath(uses, path, 1);
    next += routes.queuePairs * ranks.length * ranks.length;
  }
  return { path: uses.take(), size };
}

/** The first two of a group that cannot reach each other. */
function apart(routes: Routes, ranks: readonly number[]): NoWay {
  for (const from of ranks) {
    for (const to of ranks) if (routes.path(from, to, 0) === undefined) return { from, to };
  }
  throw new Error("a group without a way has two that are apart");
}
