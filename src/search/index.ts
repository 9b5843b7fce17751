/** Searching designs: capacity of serving fleets. */

export type { CapacityField } from "./auto-field.ts";
export { type CapacityAnswer, capacity, type Trial } from "./capacity.ts";
