/** Traffic: patterns, traces and jobs side by side as messages and flows over a topology. */

export { type GroupShape, groupsFit, groupsOf } from "./groups.ts";
export { collectivesFlow, type InStep, stepFlow } from "./in-step.ts";
export { type HotLink, hottestLinks } from "./loads.ts";
export type { Message, NoWay, Step } from "./message.ts";
export { type Overloaded, overloads } from "./overload.ts";
export { trafficPatterns } from "./pattern/index.ts";
export type { PatternKey, PatternOptions, PatternProblem, TrafficPattern } from "./pattern/pattern.ts";
export { type PlacedJobs, type Placement, type PlacementRequest, placeJobs } from "./placement.ts";
export {
  type JobShare,
  type JobsTraffic,
  type JobTraffic,
  runTrafficJobs,
  type TrafficJob,
  type TrafficPhase,
} from "./run-jobs.ts";
export {
  type PatternRequest,
  patternSteps,
  runPattern,
  runTrace,
  type TrafficParts,
  type TrafficRun,
} from "./run-pattern.ts";
export { messagesMost, readTrace, type Trace, type TraceProblem } from "./trace.ts";
