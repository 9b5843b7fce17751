/**
 * Serving: requests through a simulated fleet of engines. A fleet is given as values (`FleetSpec`); batching, routing,
 * scaling and admission policies are entries of registries that the live gateway shares.
 */

export { type AdmissionPolicy, admissionPolicies, admissionPolicy } from "./admission/index.ts";
export { type MeanRequest, meanRequest, requestTerm } from "./answer/breakdown.ts";
export { answeredRows, latencyMetrics, latencyOf } from "./answer/latency.ts";
export {
  type LatencyTarget,
  type ServingSummary,
  stageMetrics,
  summarise,
  type TargetResult,
} from "./answer/summary.ts";
export { type Verdict, verdictOf } from "./answer/verdict.ts";
export { type Batching, type BatchingPolicy, batchingPolicies } from "./batching/index.ts";
export { type DegreeChoices, degreeChoices, engineChoices } from "./configurations.ts";
export type { EngineSettings, HostTimes, Speculation } from "./engine/settings.ts";
export { runFleet } from "./fleet/fleet.ts";
export type { FleetObserver, FleetRun, FleetSpec, ReplicaSpec, ScalingSpec, Signals } from "./fleet/spec.ts";
export { phases, type RequestState } from "./request-state.ts";
export {
  type IncomingRequest,
  type PrefixIndex,
  type ReplicaView,
  type RoutingContext,
  type RoutingEntry,
  type RoutingPolicy,
  routingPolicies,
  routingPolicy,
} from "./routing/index.ts";
export { type ScalingPolicy, scalingPolicies, scalingPolicy } from "./scaling/index.ts";
export { Batch, type StepTime } from "./step/batch.ts";
export { engineTimes } from "./step/engine-times.ts";
export { type LayerTableOptions, layerTableStepTime } from "./step/layer-table.ts";
export type { StepOptions } from "./step/options.ts";
export { stepTimeOf } from "./step/step-time.ts";
