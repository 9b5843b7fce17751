/** The network: platforms, collectives and expert exchanges in closed form; topologies, routes and flows. */

export { clusterRoutes, clusterTopology, fabricShapeOf, usualRouting } from "./cluster-topology.ts";
export type { Algorithm } from "./collective/algorithm.ts";
export type {
  CollectiveOperation,
  CollectiveRequest,
  CollectiveTime,
  GroupPlacement,
  Platform,
  Slowdown,
} from "./collective/collective.ts";
export { algorithms, algorithmsFor, collectiveSeconds, collectiveTime } from "./collective/index.ts";
export type { Dispatcher, ExpertExchange } from "./expert/exchange.ts";
export { expertExchangeSeconds, expertExchangeTime, reachedParts } from "./expert/exchange.ts";
export {
  collectiveFlow,
  type FlowAlgorithm,
  type FlowOperation,
  type FlowRequest,
  type Job,
  type JobPhase,
  type JobRun,
  type JobsRun,
  type LinkLoad,
  runJobs,
} from "./flow/index.ts";
export { platformOf } from "./platform.ts";
export { type CurvePoint, fitCurve } from "./profile/curve.ts";
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
  billOfMaterials,
  type CustomCable,
  type CustomGraph,
  customTopology,
  type FabricKind,
  type FabricShape,
  fabricKind,
  fabricKinds,
  type LinkClass,
  linkName,
  type NodeShape,
  type SwitchGroup,
  type Topology,
  topologyProblems,
  vertexName,
} from "./topology/index.ts";
