/**
 * Messages that move in step as one flow: what a unit of it puts on every link. A unit is a byte of what the busiest
 * endpoint sends, so that two such flows on one link share it by endpoints, each of which sends one message at a time.
 * All move at the pace of the one whose links are used most, and the whole ends with it.
 */

import type { Bytes } from "../../base/quantity.ts";
import type { SharedPath } from "../../simulation/index.ts";
import { collectiveFlow, type FlowRequest } from "../flow/index.ts";
import { LinkUses, type Routes } from "../routing/index.ts";
import { type NoWay, type Step, sendMessage } from "./message.ts";

export interface InStep {
  readonly path: SharedPath;
  readonly size: Bytes;
}

/** A step of messages, hashed from this key on. */
export function stepFlow(routes: Routes, messages: Step, key: number): InStep | NoWay {
  const sent = new Map<number, Bytes>();
  for (const { from, size } of messages) sent.set(from, (sent.get(from) ?? 0) + size);
  let busiest = 0;
  for (const size of sent.values()) busiest = Math.max(busiest, size);
  if (busiest === 0) return { path: { resources: new Int32Array(0) }, size: 0 };
  const uses = new LinkUses(routes.topology.ends.length);
  for (const [index, { from, to, size }] of messages.entries()) {
    const message = { from, to, key: key + index, amount: size / busiest };
    if (sendMessage(routes, uses, message) === "no-way") return { from, to };
  }
  return { path: uses.take(), size: busiest };
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
    if (path === undefined) return { from: ranks[0] ?? 0, to: ranks.at(-1) ?? 0 };
    for (let at = 0; at < path.resources.length; at++) uses.add(path.resources[at]!, path.use?.[at] ?? 1);
    next += routes.queuePairs * ranks.length ** 2;
  }
  return { path: uses.take(), size };
}
