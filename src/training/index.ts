/** Training: time, memory and layout of one distributed optimizer step. */

export { adapterTargets } from "./adapters.ts";
export { leastDegreeTime, leastFamilyTime, leastScheduleTime, relaxedLayout } from "./bounds.ts";
export type {
  AdapterTuning,
  AuxiliaryPass,
  FrozenFormat,
  FullTuning,
  Objective,
  TrainingCase,
  TrainingPrecision,
  Tuning,
} from "./case.ts";
export { type CheckpointContents, checkpointSize, learningParameters } from "./checkpoint.ts";
export { constantsOf } from "./contexts.ts";
export { contextMethods, contextWork, stateHeadProblem } from "./exchange/context/index.ts";
export { dispatchMultiprocessors } from "./exchange/expert.ts";
export { modelFlop } from "./flop.ts";
export type { Layout, Recompute, RecomputeModule, ScheduleName, Sharding, TrafficDimension } from "./layout.ts";
export { oneRank } from "./layout.ts";
export { leastMemory } from "./least-memory.ts";
export { longestLength, meanWithin } from "./lengths/distribution.ts";
export { sequencesInRowMost } from "./lengths/draw.ts";
export type { LengthBin, LengthDistribution, SequenceLengths } from "./lengths/lengths.ts";
export {
  megatronDispatchers,
  megatronExchanges,
  megatronGraphModules,
  megatronGraphs,
  megatronModules,
  megatronRecipes,
  megatronRules,
} from "./megatron-words.ts";
export { groupsOf as layoutGroups, microBatches, stageSize } from "./parallel.ts";
export { accountedStages, stageLayersOf } from "./pipeline-layout.ts";
export { type BalancedBatch, type BatchSplit, balancedBatch } from "./pools/balance-batch.ts";
export { type BalancedLayers, balancedLayers, type LayerSplit } from "./pools/balance-layers.ts";
export type { PoolStep } from "./pools/pool-step.ts";
export {
  clustersOf,
  type DataPool,
  meanPeak,
  type PipelinePool,
  type PoolLink,
  type PoolSpread,
} from "./pools/spread.ts";
export { predictTraining, type TrainingRun } from "./predict.ts";
export type { Fit, FlopConvention, MemoryUse, TrainingPrediction } from "./result.ts";
export { droppedShare, type NaturalRouting, usualSkew } from "./routing.ts";
export { scheduleOf, schedules } from "./schedule/index.ts";
export { defaultSoftware, softwareProfiles, usualSoftware } from "./software/index.ts";
export type { SoftwareProfile, Switch } from "./software.ts";
export { endsAreUsual, parseStageText, type StageText, type StageTextProblem } from "./stage-text.ts";
export { finestInterleaving, stageLayerCounts } from "./stages.ts";
export { type StepBreakdown, type StepEvaluator, type StepStages, stepEvaluator } from "./step.ts";
export { type MeasuredStragglers, measuredStragglers } from "./stragglers/measured.ts";
export type { StragglerRemoval } from "./stragglers/removal.ts";
export type { Slowed, Straggler, StragglerPlace, Stragglers } from "./stragglers/straggler.ts";
export type { RankTable, TimeKind } from "./stragglers/table.ts";
export { sliceCount, trainingTimeline } from "./timeline.ts";
export { type StepTraffic, stepTraffic } from "./traffic.ts";
