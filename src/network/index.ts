/** The network: platforms, collectives and expert exchanges in closed form; topologies, routes and flows. */

export { clusterRoutes, clusterTopology, fabricShapeOf, usualRouting } from "./cluster-topology.ts";
export type { Algorithm } from "./collective/algorithm.ts";
export { busFactor } from "./collective/bus-factor.ts";
export { requestProblems } from "./collective/check.ts";
export type {
  CollectiveOperation,
  CollectiveRequest,
  CollectiveTime,
  GroupPlacement,
  Launch,
  Library,
  Platform,
  Reach,
  Slowdown,
} from "./collective/collective.ts";
export { algorithms, algorithmsFor, collectiveSeconds, collectiveTime } from "./collective/index.ts";
export { type Places, placementOf } from "./collective/placement.ts";
export { rankRate } from "./collective/span.ts";
export { addBusy, type Contention, contentionOf, type GroupTraffic, type LinkLoads, linkLoads } from "./contention.ts";
export type { Dispatcher, ExpertExchange } from "./expert/exchange.ts";
export { exchangeProblems, expertExchangeSeconds, expertExchangeTime, reachedParts } from "./expert/exchange.ts";
export { type WirePrecision, wireBytesPerElement } from "./expert/precision.ts";
export {
  collectiveFlow,
  type FlowAlgorithm,
  type FlowOperation,
  type FlowRequest,
  type Incast,
  type IncastRange,
  incastRange,
  type Job,
  type JobPhase,
  type JobRun,
  type JobsRun,
  type LinkLoad,
  type Overload,
  overloadOf,
  type PhaseFlow,
  runJobs,
} from "./flow/index.ts";
export { platformOf, slowestPlatform } from "./platform.ts";
export { type CurvePoint, fitCurve } from "./profile/curve.ts";
export { otherMachines, type ProfileMachines, profileMachinesOf } from "./profile/machines.ts";
export {
  type Profile,
  type ProfileCurve,
  type ProfilePoint,
  parseProfile,
  profileCurve,
  profileTime,
} from "./profile/profile.ts";
export { type Failures, failuresOf, Routes, type RoutingOptions, type RoutingPolicy } from "./routing/index.ts";
export {
  type BillOfMaterials,
  type BillTotals,
  billOfMaterials,
  billTotals,
  type CustomCable,
  type CustomGraph,
  cableLatency,
  customTopology,
  type FabricKind,
  type FabricShape,
  fabricKind,
  fabricKinds,
  type LinkClass,
  linkName,
  type NodePool,
  type NodeShape,
  pathLatency,
  readCustomGraph,
  type SwitchGroup,
  type Topology,
  topologyProblems,
  vertexName,
} from "./topology/index.ts";
export {
  collectivesFlow,
  type GroupShape,
  groupsFit,
  groupsOf,
  type HotLink,
  hottestLinks,
  type InStep,
  type JobShare,
  type JobsTraffic,
  type JobTraffic,
  type Message,
  messagesMost,
  type NoWay,
  type Overloaded,
  overloads,
  type PatternKey,
  type PatternOptions,
  type PatternProblem,
  type PatternRequest,
  type PlacedJobs,
  type Placement,
  type PlacementRequest,
  patternSteps,
  placeJobs,
  readTrace,
  runPattern,
  runTrace,
  runTrafficJobs,
  type Step,
  stepFlow,
  type Trace,
  type TraceProblem,
  type TrafficJob,
  type TrafficParts,
  type TrafficPattern,
  type TrafficPhase,
  type TrafficRun,
  trafficPatterns,
} from "./traffic/index.ts";
