/** Collectives: measured curves where there are some, else the fastest of the algorithms below, as libraries choose. */
import type { Seconds } from "../../base/quantity.ts";
import type { CurveSet } from "../tuning.ts";
import type { Algorithm, Estimate, EstimateRequest } from "./algorithm.ts";
import {
  type CollectiveOperation,
  type CollectiveRequest,
  type CollectiveTime,
  type Library,
  type Platform,
  slowdownOf,
} from "./collective.ts";
import { collnet } from "./collnet.ts";
import { customCurves, customSeconds } from "./custom.ts";
import { direct } from "./direct.ts";
import { halvingDoubling } from "./halving-doubling.ts";
import { hierarchical } from "./hierarchical.ts";
import { launchTime } from "./launch.ts";
import { curvesFor, measuredBasis, measuredSeconds, reachOf } from "./measured.ts";
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
import { twoTree } from "./two-tree.ts";

/** Every algorithm; to add one, add a file and a line here. */
export const algorithms: readonly Algorithm[] = Object.freeze([
  ring,
  tree,
  nvls,
  nvlsTree,
  collnet,
  pat,
  mesh,
  hierarchical,
  halvingDoubling,
  twoTree,
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
  reduce: candidatesFor("reduce"),
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
 * A group of one takes no time. Sizes follow nccl-tests, see `CollectiveRequest.size`. What does not exist or cannot run
 * there is the caller's mistake and throws; `requestProblems` says what is wrong, `algorithmsFor` lists what can.
 */
export function collectiveTime(platform: Platform, request: CollectiveRequest): CollectiveTime {
  if (request.group.size <= 1) return { ...nothing, algorithm: "none", basis: "measured" };
  const { operation } = request;
  const span = spanOf(platform, request.group);
  const slowdown = slowdownOf(platform, request.group);
  const known = measuredAnswer(request, span);
  const curves = span.tuning.curves[operation];
  const reach = known?.reach ?? (curves === undefined ? undefined : reachOf(curves));
  if (known !== undefined) {
    const time = slowdown * known.time;
    const latency = Math.min(time, slowdown * known.latency);
    const launch = launchTime(request.launch, time);
    const { algorithm, basis } = known;
    return {
      ...{ time: time + launch, latency: latency + launch, scaleUp: time - latency, scaleOut: 0, launch },
      ...{ algorithm, basis, ...(reach === undefined ? {} : { reach }) },
    };
  }
  const estimate: Estimate = { time: Number.POSITIVE_INFINITY, latency: 0, scaleUp: 0, scaleOut: 0 };
  const algorithm = best(request, span, estimate);
  const launch = launchTime(request.launch, slowdown * estimate.time);
  const delay = request.group.delay ?? 0;
  return {
    time: slowdown * estimate.time + launch + delay,
    latency: slowdown * estimate.latency + launch + delay,
    scaleUp: slowdown * estimate.scaleUp,
    scaleOut: slowdown * estimate.scaleOut,
    launch,
    algorithm,
    basis: "extrapolated",
    ...(reach === undefined ? {} : { reach }),
  };
}

const nothing = { time: 0, latency: 0, scaleUp: 0, scaleOut: 0, launch: 0 } as const;

/** Time and latency from measured curves, without launching; undefined where physics answers. */
function measuredAnswer(
  request: CollectiveRequest,
  span: Span,
): Pick<CollectiveTime, "time" | "latency" | "algorithm" | "basis" | "reach"> | undefined {
  const { operation, size, library } = request;
  if (library !== undefined && library !== "nccl") {
    const sets = customOf(request, library, span);
    const time = customSeconds(size, span, sets);
    const basis = measuredBasis(size, span, sets[0] ?? []);
    return { time, latency: customSeconds(1, span, sets), algorithm: library, basis, reach: reachOf(sets.flat()) };
  }
  const curves = isForcedAtAll(request) ? undefined : curvesFor(operation, span);
  if (curves === undefined) return undefined;
  const estimate: Estimate = { time: Number.POSITIVE_INFINITY, latency: 0, scaleUp: 0, scaleOut: 0 };
  const algorithm = best(request, span, estimate);
  const time = measuredSeconds(operation, size, span, curves);
  const latency = measuredSeconds(operation, 1, span, curves);
  return { time, latency, algorithm, basis: measuredBasis(size, span, curves) };
}

function customOf(request: CollectiveRequest, library: Library, span: Span): readonly CurveSet[] {
  const sets = request.operation === "all-reduce" ? customCurves(library, span) : [];
  if (sets.length === 0) {
    throw new Error(`no ${library} kernel was measured for ${request.operation} over ${span.ranks} ranks here`);
  }
  return sets;
}

/** The same as `collectiveTime(...).time`, without saying how. */
export function collectiveSeconds(platform: Platform, request: CollectiveRequest): Seconds {
  if (request.group.size <= 1) return 0;
  const time = slowdownOf(platform, request.group) * alone(platform, request);
  return time + launchTime(request.launch, time) + (request.group.delay ?? 0);
}

/** Without launching and slow members. */
function alone(platform: Platform, request: CollectiveRequest): Seconds {
  const { operation, size, library } = request;
  const span = spanOf(platform, request.group);
  if (library !== undefined && library !== "nccl") return customSeconds(size, span, customOf(request, library, span));
  if (!isForcedAtAll(request)) {
    const curves = curvesFor(operation, span);
    if (curves !== undefined) return measuredSeconds(operation, size, span, curves);
  }
  const estimate: Estimate = { time: Number.POSITIVE_INFINITY, latency: 0, scaleUp: 0, scaleOut: 0 };
  best(request, span, estimate);
  return estimate.time;
}

/** Names that `CollectiveRequest.algorithm` may take for this operation and group. */
export function algorithmsFor(platform: Platform, request: CollectiveRequest): readonly string[] {
  const span = spanOf(platform, request.group);
  return algorithms
    .filter((algorithm) => algorithm.operations.includes(request.operation))
    .filter((algorithm) => (algorithm.possible ?? algorithm.available)(request.operation, span))
    .filter((algorithm) => request.channels === undefined || algorithm.channels?.(span) === true)
    .map((algorithm) => algorithm.name);
}

/** Measured curves are of the library's own choice: whoever chooses anything gets physics. */
function isForcedAtAll({ algorithm, protocol, channels }: CollectiveRequest): boolean {
  return algorithm !== undefined || protocol !== undefined || channels !== undefined;
}

/** Least time over the candidates; fills `out` and returns the label of the winner. */
function best(request: CollectiveRequest, span: Span, out: Estimate): string {
  const { operation, size, channels } = request;
  const trial: Estimate = { time: 0, latency: 0, scaleUp: 0, scaleOut: 0 };
  const question: EstimateRequest = { operation, size, span, protocol: "simple", out: trial };
  if (channels !== undefined) question.channels = channels;
  let label = "";
  for (const candidate of candidates[operation]) {
    if (!isAllowed(candidate, request, span)) continue;
    question.protocol = candidate.protocol;
    candidate.algorithm.estimate(question);
    if (trial.time >= out.time) continue;
    out.time = trial.time;
    out.latency = trial.latency;
    out.scaleUp = trial.scaleUp;
    out.scaleOut = trial.scaleOut;
    label = candidate.label;
  }
  if (label === "") {
    const asked = [request.algorithm ?? "auto", request.protocol, channels && `${channels} channels`];
    const names = candidates[operation].map((candidate) => candidate.label).join(", ");
    throw new Error(
      `no algorithm "${asked.filter(Boolean).join(", ")}" for ${operation} over ${span.ranks} ranks; known: ${names}`,
    );
  }
  return label;
}

/** Whether the request leaves this candidate open, and the platform can run it. */
function isAllowed(candidate: Candidate, request: CollectiveRequest, span: Span): boolean {
  const { algorithm, label } = candidate;
  const { algorithm: forced, operation } = request;
  if (forced === undefined) {
    if (!algorithm.available(operation, span)) return false;
  } else {
    if (forced !== label && forced !== algorithm.name && forced !== `${algorithm.name}/${candidate.protocol}`)
      return false;
    if (!(algorithm.possible ?? algorithm.available)(operation, span)) return false;
  }
  if (request.protocol !== undefined && request.protocol !== candidate.protocol) return false;
  return request.channels === undefined || algorithm.channels?.(span) === true;
}
