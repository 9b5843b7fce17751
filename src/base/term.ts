/** Terms: a prediction is a tree of named parts that add up to (or bound) their parent. */

export type Origin = "given" | "specified" | "derived" | "calibrated";
export type Combine = "sum" | "max" | "leaf";

export interface Term {
  /** Flat identifier, unique among its siblings. */
  readonly name: string;
  /** What people read. */
  readonly label: string;
  /** SI value in the unit of the tree (seconds for a step). */
  readonly value: number;
  readonly combine: Combine;
  readonly children: readonly Term[];
  readonly formula?: string;
  /** Key in `catalog/sources`. */
  readonly source?: string;
  readonly origin: Origin;
}
