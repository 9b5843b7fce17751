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
  /** point: no single figure for times; none: figures stand, with a warning. */
  readonly refused: "point" | "none";
  readonly least: Seconds;
  /** Unknown where the transport's timeout is. */
  readonly most: Seconds | "unknown";
  readonly warning: string;
  readonly basis?: Readonly<Record<string, Basis>>;
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
  const { receiver, senders, bytes, bandwidth } = overload.worst;
  const range = incastRange({ senders, size: bytes / senders, bandwidth, overload: overloadOf(transport) });
  if (range.point !== undefined && senders > 1) return undefined;
  const extra = range.most === "unknown" ? range.most : range.most - range.least + range.bystanders;
  const most = extra === "unknown" ? extra : time + steps * extra;
  const worst = `worst accelerator ${receiver}, from ${formatQuantity(senders, "count")} at once`;
  const share = `${formatQuantity(overload.messages, "count")} of ${formatQuantity(messages, "count")} messages`;
  const where = `${share} meet a receiver that is sent more than its port takes (${worst})`;
  if (overload.last === "free") {
    const warning = `${where}: ${range.reason}; theirs may be later than their completion times say`;
    return { refused: "none", least: time, most, warning };
  }
  const until = most === "unknown" ? "no upper bound is known" : `at most ${formatQuantity(most, "seconds")}`;
  const warning = `${where}: ${range.reason}; at least ${formatQuantity(time, "seconds")}, ${until}`;
  const interval = most === "unknown" ? null : ([time, most] as const);
  return { refused: "point", least: time, most, warning, basis: { time: { interval, level: 0.9, trust: "assumed" } } };
}

/** Without single figures where they are refused: the bounds instead. */
export function boundedMetrics(
  metrics: Readonly<Record<string, number>>,
  { refused, least, most }: OverloadBounds,
): Record<string, number> {
  if (refused === "none") return { ...metrics };
  return { timeMin: least, ...(most === "unknown" ? {} : { timeMax: most }) };
}
