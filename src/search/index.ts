/** Searching designs: capacity of serving fleets, layouts of training jobs. */

export type { CapacityField } from "./auto-field.ts";
export { type CapacityAnswer, capacity, type Trial } from "./capacity.ts";
export type { Covered, FoundLayout, LayoutAnswer } from "./layouts/answer.ts";
export { type LayoutOptions, searchLayouts } from "./layouts/layouts.ts";
export { type Reach, reach, type Stop } from "./reach.ts";
