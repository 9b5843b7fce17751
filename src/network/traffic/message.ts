/** Messages between accelerators, and the ways they take. */

import type { Bytes, BytesPerSecond, Seconds } from "../../base/quantity.ts";
import type { SharedPath } from "../../simulation/index.ts";
import { LinkUses, type Routes } from "../routing/index.ts";
import type { Topology } from "../topology/index.ts";

export interface Message {
  /** Accelerators. */
  readonly from: number;
  readonly to: number;
  readonly size: Bytes;
  /** After its step begins. */
  readonly start: Seconds;
}

/** Messages that belong together; the next step begins when the last of them has arrived. */
export type Step = readonly Message[];

/** Where nothing leads from one accelerator to another. */
export interface NoWay {
  readonly from: number;
  readonly to: number;
}

/** Rate of one that has the network to itself: its narrowest link sets it. */
export function lonelyRate(topology: Topology, { resources, use }: SharedPath): BytesPerSecond {
  let rate = Number.POSITIVE_INFINITY;
  for (let at = 0; at < resources.length; at++) {
    rate = Math.min(rate, topology.capacity[resources[at]!]! / (use === undefined ? 1 : use[at]!));
  }
  return rate;
}

/** What the parts of a message on their queue pairs put on links; the slowest of them sets the rate of the whole. */
export function sendMessage(
  routes: Routes,
  uses: LinkUses,
  { from, to, key, amount }: NoWay & { readonly key: number; readonly amount: number },
): "reached" | "no-way" {
  const parts = routes.parts(from, to);
  for (let part = 0; part < parts; part++) {
    const flow = { from, to, key: key * parts + part, amount: amount / parts };
    if (routes.send(uses, flow) === "no-way") return "no-way";
  }
  return "reached";
}

/** The way of each message; its number in the list stands for it where ways are hashed. */
export function pathsOf(routes: Routes, messages: Step): readonly SharedPath[] | NoWay {
  const uses = new LinkUses(routes.topology.ends.length);
  const paths: SharedPath[] = [];
  for (const [key, { from, to }] of messages.entries()) {
    if (sendMessage(routes, uses, { from, to, key, amount: 1 }) === "no-way") return { from, to };
    paths.push(uses.take());
  }
  return paths;
}
