/** Searching designs: capacity of serving fleets, layouts of training jobs. */

export type { CapacityField } from "./auto-field.ts";
export { largestThat } from "./bracket.ts";
export { type CapacityAnswer, capacitySteps, type Trial } from "./capacity.ts";
export { type ChosenConfigurations, choiceSteps, hasWish } from "./configurations/choose.ts";
export {
  type ConfigurationAnswer,
  configurationSteps,
  type FoundConfiguration,
} from "./configurations/find.ts";
export type { Alike, Covered, FoundLayout, LayoutAnswer, ListedLayout, Rival, StepChange } from "./layouts/answer.ts";
export { type LayoutOptions, layoutSteps, searchLayouts } from "./layouts/layouts.ts";
export { type Reach, reach, type Stop } from "./reach.ts";
