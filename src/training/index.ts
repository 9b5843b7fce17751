/** Training: time, memory and layout of one distributed optimizer step. */

export { adapterTargets } from "./adapters.ts";
export type { AdapterTarget, TrainingCase, TrainingPrecision, Tuning } from "./case.ts";
export { modelFlop } from "./flop.ts";
export type { Layout, Recompute, RecomputeModule, ScheduleName, Sharding } from "./layout.ts";
export {
  megatronDispatchers,
  megatronExchanges,
  megatronGraphs,
  megatronModules,
  megatronRecipes,
} from "./megatron-words.ts";
export { microBatches, stageSize } from "./parallel.ts";
export { accountedStages, stageLayersOf } from "./pipeline-layout.ts";
export { predictTraining, type TrainingRun } from "./predict.ts";
export type { Fit, FlopConvention, MemoryUse, TrainingPrediction } from "./result.ts";
export { schedules } from "./schedule/index.ts";
export { defaultSoftware, softwareProfiles } from "./software/index.ts";
export type { SoftwareProfile, Switch } from "./software.ts";
export { finestInterleaving, stageLayerCounts } from "./stages.ts";
export { constantsOf, type StepBreakdown, type StepEvaluator, stepEvaluator } from "./step.ts";
export { trainingTimeline } from "./timeline.ts";
