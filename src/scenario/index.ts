/** Scenarios: one file in, one prediction out. */

export { billOfDesign, owningOfDesign } from "./bill.ts";
export { unusedProfile } from "./collective/calibrated.ts";
export type { CollectiveDesign } from "./collective/design.ts";
export { unconfigurable } from "./configuration-problems.ts";
export {
  type ConfigurationText,
  configurationIsOpen,
  openedOf,
  withConfiguration,
} from "./open-configuration.ts";
export { layoutIsOpen, unsearchable } from "./open-layout.ts";
export { type Design, type DesignOf, predict, predictDesign, requiredFiles, resolve, trainingOf } from "./predict.ts";
export {
  type Assumption,
  type Basis,
  type Binding,
  type Fit,
  type Interruption,
  type LinkUse,
  type Point,
  type Prediction,
  type SharedLinks,
  type TargetResult,
  trainingUnits,
  type Verdict,
} from "./prediction.ts";
export {
  type AskText,
  isProposal,
  type OptionRole,
  type OwnedAssumption,
  type Proposal,
  parseProposal,
  type RequirementText,
} from "./proposal.ts";
export { runs } from "./resolve/layout.ts";
export type { Files } from "./resolve/model.ts";
export { type LaidLayout, resolveUnlaid, type UnlaidTraining } from "./resolve/training.ts";
export { type DesignResource, resourcesOf } from "./resources.ts";
export type { InputRange, UncertainInputs } from "./schema/input-range.ts";
export { jsonSchema } from "./schema/json-schema.ts";
export type { LayoutText, OpenKey, OpenLayout } from "./schema/layout.ts";
export { type ParseOptions, parseScenario, type Scenario, scenarioFromValue } from "./schema/parse.ts";
export { inOrder, locate } from "./schema/problems.ts";
export { type Ends, endsOf, writtenWith } from "./schema/range-ends.ts";
export { type Places, pathText, placeOf, readSource } from "./schema/source.ts";
export { withStandIns } from "./schema/stand-ins.ts";
export { isObject } from "./schema/structure.ts";
export {
  type GoalText,
  type LimitText,
  type RangeText,
  type SamplingMethod,
  type SamplingText,
  studyKeys,
  type VaryText,
  type Written,
} from "./schema/study.ts";
export { parseStudy, type StudySource } from "./schema/study-source.ts";
export { type TrainingText, type WorkloadKind, workloadKinds } from "./schema/workload.ts";
export { bindingOf, runServingDesign } from "./serving/assemble.ts";
export type { ServingDesign } from "./serving/design.ts";
export { servingFrontier } from "./serving/frontier.ts";
export { servingUnit } from "./serving/metrics.ts";
export { sampleOf } from "./serving/sample.ts";
export { software, softwareName } from "./software.ts";
export { refusals, type SupportRow, supportMatrix } from "./support.ts";
export type { TrafficDesign } from "./traffic/design.ts";
export { stepTimeRange } from "./training/basis.ts";
export type { Prices, TrainingDesign } from "./training/design.ts";
export { trainingLinks } from "./training/links.ts";
export { type JobUnderFailures, underFailures } from "./training/reliability.ts";
export { version } from "./version.ts";
