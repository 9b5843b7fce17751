/**
 * Many send to one at once. A fluid shares the last link evenly and is done when it has carried everything; real
 * networks drop or pause first, and how long that takes hangs on buffers and timing which flow level does not see. So
 * there is a range, and a point only where senders wait for the receiver's credits.
 *
 *     share = B / k,   least time = k S / B
 *
 * lossy: packets that overflow the buffer are sent again after a timeout: at most one more timeout R while the link is
 * idle, k S / B + R, where each flow loses once.
 * lossless: pauses keep the last link full, so the incast itself takes k S / B; but flows that share a paused link with
 * it, whatever their destination, may wait as long as it lasts.
 * Ignores: latency, headers, several losses of one flow, pause storms and deadlocks.
 * @source vasudevan-2009-incast (timeouts), zhu-2015-dcqcn (victims of pauses), uec-2025 (credits)
 */

import type { Bytes, BytesPerSecond, Seconds } from "../../base/quantity.ts";
import type { Fabric } from "../../catalog/cluster.ts";

/** What a network does with more than it can carry. */
export type Overload =
  | { readonly kind: "lossy"; readonly timeout: Seconds | "unknown" }
  | { readonly kind: "lossless" }
  | { readonly kind: "credits" };

export interface Incast {
  readonly senders: number;
  /** Of each sender. */
  readonly size: Bytes;
  /** Of the last link. */
  readonly bandwidth: BytesPerSecond;
  readonly overload: Overload;
}

export interface IncastRange {
  /** What each sender gets of a fluid. */
  readonly share: BytesPerSecond;
  /** When all is carried: at least, at most (unknown where no timeout is published). */
  readonly least: Seconds;
  readonly most: Seconds | "unknown";
  /** Most that flows to other destinations wait behind it. */
  readonly bystanders: Seconds;
  /** One figure, where there is one. */
  readonly point: Seconds | undefined;
  readonly reason: string;
}

export function incastRange({ senders, size, bandwidth, overload }: Incast): IncastRange {
  const least = (senders * size) / bandwidth;
  const all = { share: bandwidth / senders, least, most: least, bystanders: 0, point: undefined };
  if (senders < 2) return { ...all, point: least, reason: "one sender" };
  switch (overload.kind) {
    case "credits":
      return { ...all, point: least, reason: "senders wait for the receiver's credits" };
    case "lossless":
      return { ...all, bystanders: least, reason: "bound by pauses: no single figure" };
    case "lossy": {
      const most = overload.timeout === "unknown" ? overload.timeout : least + overload.timeout;
      return { ...all, most, reason: "bound by drops and timeouts: no single figure" };
    }
  }
}

/**
 * What a transport does when more comes than it can carry. InfiniBand has credits from link to link, which hold back
 * like pauses; RoCE is taken with pauses (PFC); TCP waits 200 ms at least (Linux; the standard says 1 s); the timeout of
 * EFA is not published.
 * @source infiniband-architecture, guo-2016-rdma, linux-tcp-rto, rfc-6298, shalev-2020-srd
 */
export function overloadOf(transport: Fabric["transport"]): Overload {
  switch (transport) {
    case "infiniband":
    case "roce":
    case "none":
      return { kind: "lossless" };
    case "efa":
      return { kind: "lossy", timeout: "unknown" };
    case "ethernet":
    case "dcn":
      return { kind: "lossy", timeout: 0.2 };
  }
}
