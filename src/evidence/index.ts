/** Evidence: measured runs as records, their import, and the models judged by them. */

export { type Acceptance, type AcceptedRun, accept, type SizeVerdict, type Suspect } from "./accept/index.ts";
export {
  type AccuracyFile,
  accuracyClasses,
  accuracyFile,
  accuracyTableOf,
  ratiosOf,
  totalDecisions,
} from "./accuracy.ts";
export { type ComparedMetric, type Comparison, compare } from "./comparison.ts";
export { type Decision, decisionsOf } from "./decisions.ts";
export { type Gap, type GapPart, gapOf, type TimerLine } from "./gap/gap.ts";
export { leavesOf } from "./gap/leaves.ts";
export { type ServingGap, servingGaps } from "./gap/serving-gap.ts";
export { type Converter, converters, type Imported, importEvidence, importRows, type Skipped } from "./import/index.ts";
export { type LeftOut, leftOut, type Ratio } from "./intervals.ts";
export { hasSteps } from "./log/index.ts";
export { type Measurable, measureNext } from "./measure-next.ts";
export {
  isWrittenOut,
  type MeasuredName,
  type Measurement,
  measuredFromLog,
  measuredNames,
  parseMeasured,
} from "./measurement.ts";
export {
  isNcclResult,
  type Machines,
  machinesOf,
  type NcclLog,
  type NcclRun,
  profileOf,
  type Recorded,
  type RunOptions,
  readNcclLog,
  recordOf,
  soundRun,
  testProgram,
  testPrograms,
} from "./nccl-tests/index.ts";
export { parseRecords } from "./parse.ts";
export { type Assumption, type EvidenceRecord, isStated, type Measured, scenarioOf, type Use } from "./record.ts";
export { type Call, type Features, type Line, type Replayed, replay } from "./replay.ts";
export {
  type ServingComparison,
  type ServingLine,
  servingComparison,
} from "./serving-comparison.ts";
export {
  isServingMetric,
  parseServingMeasured,
  type ServingMeasurement,
  type ServingMetric,
  servingMeasuredFromFile,
} from "./serving-measurement.ts";
export { type ErrorSummary, summarize } from "./statistics.ts";
export { type Told, toldApart } from "./told-apart.ts";
export { defaultTie, type Group, inferredSuffix, reportOf, type ValidateReport, validateRecords } from "./validate.ts";
