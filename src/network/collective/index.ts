/** Collectives: measured curves where there are some, else the fastest of the algorithms below, as libraries choose. */
import type { Seconds } from "../../base/quantity.ts";
import type { Algorithm, Estimate } from "./algorithm.ts";
import {
  type CollectiveOperation,
  type CollectiveRequest,
  type CollectiveTime,
  type Platform,
  slowdownOf,
} from "./collective.ts";
import { direct } from "./direct.ts";
import { hierarchical } from "./hierarchical.ts";
import { curvesFor, measuredBasis, measuredSeconds } from "./measured.ts";
import { mesh } from "./mesh.ts";
import { nvls } from "./nvls.ts";
import { nvlsTree } from "./nvls-tree.ts";
import { pat } from "./pat.ts";
import { pointToPoint } from "./point-to-point.ts";
import type { Protocol } from "./protocol.ts";
import { rail } from "./rail.ts";
import { ring } from "./ring.ts";
import { type Span, spanOf } from "./span.ts";
import { tree } from "./tree.ts";

/** Every algorithm; to add one, add a file and a line here. */
export const algorithms: readonly Algorithm[] = Object.freeze([
  ring,
  tree,
  nvls,
  nvlsTree,
  pat,
  mesh,
  hierarchical,
  direct,
  rail,
  pointToPoint,
]);

interface Candidate {
  readonly algorithm: Algorithm;
  readonly protocol: Protocol;
  /** `ring/simple`; just `pat` where there is no choice. */
  readonly label: string;
}

const candidates: Readonly<Record<CollectiveOperation, readonly Candidate[]>> = Object.freeze({
  "all-reduce": candidatesFor("all-reduce"),
  "all-gather": candidatesFor("all-gather"),
  "reduce-scatter": candidatesFor("reduce-scatter"),
  "all-to-all": candidatesFor("all-to-all"),
  broadcast: candidatesFor("broadcast"),
  "send-receive": candidatesFor("send-receive"),
});

function candidatesFor(operation: CollectiveOperation): readonly Candidate[] {
  return algorithms
    .filter((algorithm) => algorithm.operations.includes(operation))
    .flatMap((algorithm) =>
      algorithm.protocols.map((protocol) => ({
        algorithm,
        protocol,
        label: algorithm.protocols.length > 1 ? `${algorithm.name}/${protocol}` : algorithm.name,
      })),
    );
}

/**
 * Time of one collective, alone on the network (but for the `sharing` of its group's NICs).
 * A group of one takes no time. Sizes follow nccl-tests, see `CollectiveRequest.size`. A forced algorithm that does not
 * exist or cannot run there is the caller's mistake and throws; `algorithmsFor` lists what can.
 */
export function collectiveTime(platform: Platform, request: CollectiveRequest): CollectiveTime {
  if (request.group.size <= 1) {
    return { time: 0, latency: 0, scaleUp: 0, scaleOut: 0, algorithm: "none", basis: "measured" };
  }
  const { operation, size } = request;
  const span = spanOf(platform, request.group);
  const slowdown = slowdownOf(platform, request.group);
  const estimate: Estimate = { time: Number.POSITIVE_INFINITY, latency: 0, scaleUp: 0, scaleOut: 0 };
  const chosen = best(request, span, estimate);
  const delay = request.group.delay ?? 0;
  const curves = request.algorithm === undefined ? curvesFor(operation, span) : undefined;
  if (curves !== undefined) {
    const time = slowdown * measuredSeconds(operation, size, span, curves);
    const latency = Math.min(time, slowdown * measuredSeconds(operation, 1, span, curves));
    const basis = measuredBasis(size, span, curves);
    return { time, latency, scaleUp: time - latency, scaleOut: 0, algorithm: chosen, basis };
  }
  return {
    time: slowdown * estimate.time + delay,
    latency: slowdown * estimate.latency + delay,
    scaleUp: slowdown * estimate.scaleUp,
    scaleOut: slowdown * estimate.scaleOut,
    algorithm: chosen,
    basis: "extrapolated",
  };
}

/** The same as `collectiveTime(...).time`, without saying how. */
export function collectiveSeconds(platform: Platform, request: CollectiveRequest): Seconds {
  if (request.group.size <= 1) return 0;
  const slowdown = slowdownOf(platform, request.group);
  const span = spanOf(platform, request.group);
  if (request.algorithm === undefined) {
    const curves = curvesFor(request.operation, span);
    if (curves !== undefined) return slowdown * measuredSeconds(request.operation, request.size, span, curves);
  }
  const estimate: Estimate = { time: Number.POSITIVE_INFINITY, latency: 0, scaleUp: 0, scaleOut: 0 };
  best(request, span, estimate);
  return slowdown * estimate.time + (request.group.delay ?? 0);
}

/** Names that `CollectiveRequest.algorithm` may take for this operation and group. */
export function algorithmsFor(platform: Platform, request: CollectiveRequest): readonly string[] {
  const span = spanOf(platform, request.group);
  return algorithms
    .filter((algorithm) => algorithm.operations.includes(request.operation))
    .filter((algorithm) => (algorithm.possible ?? algorithm.available)(request.operation, span))
    .map((algorithm) => algorithm.name);
}

/** Least time over the candidates; fills `out` and returns the label of the winner. */
function best(request: CollectiveRequest, span: Span, out: Estimate): string {
  const { operation, size, algorithm: forced } = request;
  const trial: Estimate = { time: 0, latency: 0, scaleUp: 0, scaleOut: 0 };
  const question = { operation, size, span, protocol: "simple" as Protocol, out: trial };
  let label = "";
  for (const candidate of candidates[operation]) {
    const { algorithm } = candidate;
    if (forced === undefined ? !algorithm.available(operation, span) : !isForced(candidate, forced, operation, span)) {
      continue;
    }
    question.protocol = candidate.protocol;
    algorithm.estimate(question);
    if (trial.time >= out.time) continue;
    out.time = trial.time;
    out.latency = trial.latency;
    out.scaleUp = trial.scaleUp;
    out.scaleOut = trial.scaleOut;
    label = candidate.label;
  }
  if (label === "") {
    const names = candidates[operation].map((candidate) => candidate.label).join(", ");
    throw new Error(`no algorithm "${forced ?? "auto"}" for ${operation} over ${span.ranks} ranks; known: ${names}`);
  }
  return label;
}

function isForced(candidate: Candidate, forced: string, operation: CollectiveOperation, span: Span): boolean {
  if (candidate.label !== forced && candidate.algorithm.name !== forced) return false;
  return (candidate.algorithm.possible ?? candidate.algorithm.available)(operation, span);
}
