/**
 * Spare nodes. Failed nodes are repaired side by side, each for a time T; the job stands still while more nodes are out
 * than there are spares. Nodes fail only while the job runs, so the number out is that of busy lines in Erlang's loss
 * system with s + 1 lines, and the share of the time in which the job waits is its loss:
 *
 *     a = l T,     B(s + 1) = (a^(s+1) / (s+1)!) / sum over k to s+1 of a^k / k!
 *
 * It holds for any distribution of repair times with that mean.
 * Ignores: failures of spares, nodes that fail together, that repairs may queue for people.
 * @source erlang-1917
 */

import { sqrt } from "../base/math.ts";
import type { Seconds } from "../base/quantity.ts";

const manyInRepair = 1e5;

/** Share of the time in which a job waits for a repaired node. */
export function waitingShare(load: number, spares: number): number {
  if (!(load >= 0) || !(Number.isInteger(spares) && spares >= 0)) {
    throw new RangeError(`waiting with ${spares} spares at ${load} nodes in repair`);
  }
  let loss = 1;
  for (let lines = 1; lines <= spares + 1; lines++) loss = (load * loss) / (lines + load * loss);
  return loss;
}

/** The fewest spares with which waiting takes at most a share of the time. */
export function fewestSpares({
  rate,
  repair,
  share,
}: {
  /** Nodes that fail per second. */
  readonly rate: number;
  readonly repair: Seconds;
  readonly share: number;
}): number {
  const load = rate * repair;
  // Beyond this the share is a step: as many as are in repair, and three standard deviations.
  if (load > manyInRepair) return Math.ceil(load + 3 * sqrt(load));
  let spares = 0;
  let loss = load / (1 + load);
  while (loss > share) {
    spares += 1;
    loss = (load * loss) / (spares + 1 + load * loss);
  }
  return spares;
}
