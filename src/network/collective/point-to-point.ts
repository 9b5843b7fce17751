/** Point to point: one rank sends to one other, as between the stages of a pipeline. */
import type { Seconds } from "../../base/quantity.ts";
import { type Algorithm, type EstimateRequest, overlapped } from "./algorithm.ts";

export const pointToPoint: Algorithm = {
  name: "point-to-point",
  summary: "one rank sends to one other",
  operations: ["send-receive"],
  protocols: ["simple"],
  available: () => true,
  estimate: pointToPointTime,
};

/** Kernel, proxy and NIC for one message between nodes, without the switches; inside a domain. @source vidur-network */
const networkLatency: Seconds = 15e-6;
const linkLatency: Seconds = 7e-6;

/** T = alpha + S/B on the link that joins the two. */
function pointToPointTime({ size, span, out }: EstimateRequest): void {
  if (span.domains === 1) overlapped(out, linkLatency, size / span.tuning.pair, 0);
  else overlapped(out, networkLatency + span.networkLatency, 0, size / span.neighbour);
}
