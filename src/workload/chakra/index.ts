/** Chakra execution traces: read, checked, counted, written. */

export { type ChakraImport, type ChakraInput, type ChakraOptions, traceOf } from "./assemble.ts";
export { chakraFiles } from "./export.ts";
export { type GroupAssumption, groupsOfJson } from "./groups.ts";
export { wholeMicros } from "./meaning.ts";
export { type Replay, type ReplayGroups, type ReplayOperation, type ReplayPhase, replayOf } from "./replay.ts";
export { type ExchangeRow, type TraceSummary, traceSummary } from "./summary.ts";
export {
  everyone,
  type RankTrace,
  type Trace,
  type TraceNode,
  type TraceNodeKind,
  type TraceOperation,
} from "./trace.ts";
