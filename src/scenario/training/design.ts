/** A training scenario with everything looked up: what `assemble.ts` turns into a prediction. */

import type { Bytes, BytesPerSecond, DollarsPerJoule, DollarsPerSecond, Seconds, Tokens } from "../../base/quantity.ts";
import type { OwnerTerms, SiteTerms } from "../../economics/index.ts";
import type { Contention, Topology } from "../../network/index.ts";
import type { StatedTimes } from "../../reliability/index.ts";
import type { TrainingCase } from "../../training/case.ts";
import type { CheckpointContents, StepTraffic } from "../../training/index.ts";
import type { FlopConvention } from "../../training/result.ts";
import type { Assumption } from "../prediction.ts";

/** Prices in SI: dollars per accelerator-second and per joule. */
export interface Prices {
  /** Rental of one accelerator with its share of everything; unknown where no dated source says. */
  readonly acceleratorSecond: DollarsPerSecond | "unknown";
  /** Energy billed apart from the rental; absent where the rental includes it. */
  readonly joule?: DollarsPerJoule;
  /** Power of the site over power of the machines; 1 counts the machines alone. */
  readonly powerUsageEffectiveness: number;
  /** Of the building and of owning, as given: nothing in it moves a rent. */
  readonly site: SiteTerms;
  readonly owner: OwnerTerms;
}

export interface TrainingFabric {
  readonly topology: Topology;
  readonly dimensions: readonly { readonly traffic: StepTraffic; readonly contention: Contention }[];
}

/** What fails, and how the job saves its state and comes back. */
export interface ReliabilityDesign {
  /** Mean times between failures; what is not stated is as in Llama 3's run. */
  readonly times: StatedTimes;
  readonly detection: Seconds;
  /** From detection to the first step, without loading. */
  readonly restart: Seconds;
  readonly repair: Seconds;
  /** Nodes that stand by. */
  readonly spares: number;
  readonly deadline?: Seconds;
  readonly checkpoint: CheckpointDesign;
  readonly store: {
    /** Of all nodes together; absent: the store takes and gives whatever the nodes do. */
    readonly write?: BytesPerSecond;
    readonly read?: BytesPerSecond;
    /** Of one node; absent: the rate of one of its network ports. */
    readonly perNode?: BytesPerSecond;
  };
}

export interface CheckpointDesign {
  /** auto: the interval with the best goodput. */
  readonly every: Seconds | "auto";
  readonly mode: "sync" | "async";
  readonly contents: CheckpointContents;
  readonly perParameter?: Bytes;
  readonly writers: "every-rank" | "one-replica";
  /** Stated; absent: what copies, and under sync the store, take. */
  readonly stall?: Seconds;
  readonly overhead: Seconds;
  readonly memory?: { readonly every: Seconds; readonly recovers: number };
}

export interface TrainingDesign {
  readonly name: string;
  readonly seed: number;
  readonly case: TrainingCase;
  /** Tokens of the whole run; absent means no time to train, cost or energy. */
  readonly tokens?: Tokens;
  readonly prices: Prices;
  /** Absent: a run without failures and without checkpoints. */
  readonly reliability?: ReliabilityDesign;
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
