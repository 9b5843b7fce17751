/** Reliability: how often a job is interrupted, what that costs it, and what a wanted goodput demands. */
export {
  onTime,
  onTimeQuantile,
  stretched,
  type WallTime,
  wallProbability,
  wallQuantile,
  wallTime,
} from "./distribution.ts";
export { bestInterval, type CheckpointPlan, firstOrderGoodput, type WallShares, wallShares } from "./goodput.ts";
export {
  type ComponentName,
  type ComponentRate,
  componentRates,
  jobRates,
  type StatedTimes,
  scaledTimes,
} from "./rates.ts";
export { type Demands, demandsOf, goodputOf } from "./reach.ts";
export { fewestSpares, waitingShare } from "./spares.ts";
export { type MemoryTier, type TieredPlan, tieredShares } from "./tiers.ts";
