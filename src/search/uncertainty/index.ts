/** How sure a prediction is: inputs that are ranges, and the model's own error. */

export {
  type TargetChance,
  type UncertainMetric,
  type Uncertainty,
  uncertaintyOf,
} from "./uncertainty.ts";
