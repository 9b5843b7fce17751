/** Searching designs: capacity of serving fleets, layouts of training jobs. */

export type { CapacityField } from "./auto-field.ts";
export { largestThat } from "./bracket.ts";
export { type CapacityAnswer, capacity, type Trial } from "./capacity.ts";
export { type ChosenConfigurations, chooseConfigurations, hasWish } from "./configurations/choose.ts";
export {
  type ConfigurationAnswer,
  type FoundConfiguration,
  searchConfigurations,
} from "./configurations/find.ts";
export type { Alike, Covered, FoundLayout, LayoutAnswer, ListedLayout, Rival, StepChange } from "./layouts/answer.ts";
export { type LayoutOptions, searchLayouts } from "./layouts/layouts.ts";
export { type Reach, reach, type Stop } from "./reach.ts";
