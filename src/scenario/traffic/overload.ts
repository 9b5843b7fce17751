/**
 * What may be said where receivers are sent more than they take. Flow level shares a receiver's port evenly and cannot
 * see the pauses or drops by which a real network does so. Where that decides the time there is a range and no point:
 *
 *     least = time of the fluid,   most = least + steps x what the worst receiver's overload costs beside it
 *
 * which on lossless transports is as long as it lasts (flows behind paused links wait), on lossy ones one timeout.
 * @source zhu-2015-dcqcn, vasudevan-2009-incast
 */

import { formatQuantity, type Seconds } from "../../base/quantity.ts";
import type { Fabric } from "../../catalog/cluster.ts";
import { incastRange, overloadOf, type TrafficRun } from "../../network/index.ts";
import type { Basis } from "../prediction.ts";

export interface OverloadBounds {
  readonly least: Seconds;
  /** Unknown where the transport's timeout is. */
  readonly most: Seconds | "unknown";
  /** Share of the messages that may be later than a fluid says. */
  readonly doubt: number;
  /** Whether the one that arrives last is one of them. */
  readonly last: "overloaded" | "free";
  readonly warning: string;
}

/** Nothing where no receiver was overloaded, or the transport has credits for it. */
export function overloadBounds(
  { overload, messages }: TrafficRun,
  {
    time,
    steps,
    transport,
  }: { readonly time: Seconds; readonly steps: number; readonly transport: Fabric["transport"] },
): OverloadBounds | undefined {
  if (overload === undefined) return undefined;
  const { last, receivers } = overload;
  const { receiver, senders, bytes, bandwidth } = overload.worst;
  const range = incastRange({ senders, size: bytes / senders, bandwidth, overload: overloadOf(transport) });
  if (range.point !== undefined && senders > 1) return undefined;
  const extra = range.most === "unknown" ? range.most : range.most - range.least + range.bystanders;
  const most = extra === "unknown" ? extra : time + steps * extra;
  const count = (value: number): string => formatQuantity(value, "count");
  const where = `${count(receivers)} of the accelerators are sent more than their ports take (worst ${receiver}, by ${count(senders)} at once)`;
  const until = most === "unknown" ? "no upper bound is known" : `at most ${formatQuantity(most, "seconds")}`;
  const bounds = last === "free" ? "" : `: at least ${formatQuantity(time, "seconds")}, ${until}`;
  const doubt = overload.messages / messages;
  return { least: time, most, doubt, last, warning: `${where}; ${range.reason}${bounds}` };
}

/**
 * Metrics that messages in doubt cannot move. A percentile stands while fewer of them are in doubt than lie above it; a
 * mean like the 90th; what hangs on the last message goes with that. Instead of a time there are its bounds.
 */
export function boundedMetrics(
  metrics: Readonly<Record<string, number>>,
  { least, most, doubt, last }: OverloadBounds,
): Record<string, number> {
  const above: Readonly<Record<string, number>> = { mean: 0.1, p50: 0.5, p90: 0.1, p99: 0.01, max: 0 };
  const kept = Object.entries(metrics).filter(([name]) => {
    const room = above[name.split(".")[1] ?? ""];
    return room === undefined ? last === "free" : doubt < room;
  });
  if (last === "free") return Object.fromEntries(kept);
  return { timeMin: least, ...(most === "unknown" ? {} : { timeMax: most }), ...Object.fromEntries(kept) };
}

/** The range stands for the time, which has no figure of its own. */
export function boundedBasis({ least, most, last }: OverloadBounds): Readonly<Record<string, Basis>> {
  if (last === "free") return {};
  return { time: { interval: most === "unknown" ? null : [least, most], level: 0.9, trust: "assumed" } };
}
