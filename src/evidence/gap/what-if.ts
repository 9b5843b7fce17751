/** The same step predicted under other circumstances: what bounds of a gap are taken from. */

import { constantError } from "../../catalog/accuracy/parts.ts";
import type { TrainingDesign } from "../../scenario/index.ts";
import {
  constantsOf,
  predictTraining,
  type SoftwareProfile,
  stepEvaluator,
  type TrainingCase,
} from "../../training/index.ts";
import { type Leaf, leavesOf } from "./leaves.ts";

export interface WhatIf {
  /** No communication runs beside computation. */
  readonly exposed: readonly Leaf[];
  /** Optimizer updates with one kernel an operation. */
  readonly eager: readonly Leaf[];
  /** Launches that take longer, and less long, by the error of their constant. */
  readonly slowHost: readonly Leaf[];
  readonly fastHost: readonly Leaf[];
}

type Constants = ReturnType<typeof constantsOf>;

export function whatIf({ case: c }: TrainingDesign): WhatIf {
  const constants = constantsOf(c);
  const host = constantError("launch")?.share ?? 0;
  const launches = (factor: number): readonly Leaf[] =>
    leavesUnder(c, { ...constants, launch: factor * constants.launch, sync: factor * constants.sync });
  return {
    exposed: leavesUnder(withSoftware(c, { overlap: nothing(c.software.overlap) }), {
      ...constants,
      shardedOverlap: 0,
    }),
    eager: leavesUnder(withSoftware(c, { optimizer: "eager" }), constants),
    slowHost: launches(1 + host),
    fastHost: launches(1 - host),
  };
}

/** Every overlap off. */
function nothing(overlap: SoftwareProfile["overlap"]): SoftwareProfile["overlap"] {
  return Object.fromEntries(Object.keys(overlap).map((name) => [name, "off"])) as unknown as SoftwareProfile["overlap"];
}

function withSoftware(c: TrainingCase, change: Partial<SoftwareProfile>): TrainingCase {
  return { ...c, software: { ...c.software, ...change } };
}

function leavesUnder(c: TrainingCase, constants: Constants): readonly Leaf[] {
  return leavesOf(predictTraining(c, stepEvaluator(c, constants)).term);
}

/** Seconds of a leaf; 0 where it takes none. */
export function secondsOf(leaves: readonly Leaf[], name: string): number {
  return leaves.find((leaf) => leaf.name === name)?.value ?? 0;
}
