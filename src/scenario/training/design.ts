/** A training scenario with everything looked up: what `assemble.ts` turns into a prediction. */

import type { Dollars, Seconds, Tokens } from "../../base/quantity.ts";
import type { Contention, Topology } from "../../network/index.ts";
import type { TrainingCase } from "../../training/case.ts";
import type { StepTraffic } from "../../training/index.ts";
import type { FlopConvention } from "../../training/result.ts";
import type { Assumption } from "../prediction.ts";

/** Prices in SI: dollars per accelerator-second and per joule. */
export interface Prices {
  /** Rental of one accelerator with its share of everything; unknown where no dated source says. */
  readonly acceleratorSecond: Dollars | "unknown";
  /** Energy billed apart from the rental; absent where the rental includes it. */
  readonly joule?: Dollars;
  /** Power of the site over power of the machines; 1 counts the machines alone. */
  readonly powerUsageEffectiveness: number;
}

export interface TrainingFabric {
  readonly topology: Topology;
  readonly dimensions: readonly { readonly traffic: StepTraffic; readonly contention: Contention }[];
}

export interface TrainingDesign {
  readonly name: string;
  readonly seed: number;
  readonly case: TrainingCase;
  /** Tokens of the whole run; absent means no time to train, cost or energy. */
  readonly tokens?: Tokens;
  readonly prices: Prices;
  /** Convention of the model FLOP metrics; absent means megatron-core-2024. */
  readonly flopConvention?: FlopConvention;
  /** What each dimension puts on the fabric's links, where they were looked at one by one. */
  readonly fabric?: TrainingFabric;
  /** What the fullest link needs for the bytes of a step: no step is shorter. Absent: nobody looked. */
  readonly leastStep?: Seconds;
  /** Every default and derived value used, in the order of the file. */
  readonly assumptions: readonly Assumption[];
  readonly warnings: readonly string[];
}
