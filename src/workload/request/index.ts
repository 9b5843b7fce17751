/** Requests of a serving workload: described and drawn, or read from recordings; their statistics. */

export { describeRequests, type LengthStatistics, type RequestStatistics } from "./describe.ts";
export { generateRequests } from "./generate.ts";
export {
  type ListOptions,
  type RequestClass,
  type RequestList,
  RequestListBuilder,
  type RequestRow,
} from "./list.ts";
export {
  asRecorded,
  detectFormat,
  inferencePerfSpec,
  type ProfileReading,
  type RateChoice,
  type ReadOptions,
  type RequestFormat,
  readRequests,
  requestFormats,
  type TraceFile,
  type TraceReading,
} from "./reader/index.ts";
export { type PrefixReuse, prefixReuse } from "./reuse.ts";
export type {
  ArrivalLaw,
  ClassSpec,
  LengthLaw,
  RequestSpec,
  SessionLaw,
  SharedPrefix,
  Stage,
} from "./spec.ts";
