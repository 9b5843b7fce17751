/** A serving scenario with everything looked up: what `simulateServing` runs. */

import type { Bytes, BytesPerSecond, Seconds } from "../../base/quantity.ts";
import type { Cluster } from "../../catalog/cluster.ts";
import type { ModelArchitecture } from "../../catalog/model.ts";
import type { AdapterSlots } from "../../serving/adapters.ts";
import type { EngineSettings, HostTimes } from "../../serving/engine/settings.ts";
import type { ReplicaMemory } from "../../serving/memory.ts";
import type { Drafter } from "../../serving/step/drafter.ts";
import type { ExpertKernels } from "../../serving/step/expert-kernels.ts";
import type { LayerTableOptions } from "../../serving/step/layer-table.ts";
import type { RequestList } from "../../workload/request/list.ts";
import type { RequestSpec } from "../../workload/request/spec.ts";
import type { Assumption } from "../prediction.ts";
import type { LatencyMetric, LatencyStatistic } from "../schema/requests.ts";
import type { CachePrecision, ServingPrecision } from "../schema/serving-engine.ts";
import type { Prices } from "../training/design.ts";

export interface ServingDesign {
  readonly name: string;
  readonly seed: number;
  readonly model: ModelArchitecture;
  readonly requests: RequestsDesign;
  /** Greedy or by temperature alone, or with the vocabulary sorted. */
  readonly sampling: "plain" | "top-p";
  /** Targets of all requests, then of single classes. */
  readonly slo: readonly Target[];
  /** Pools of replicas; one with role `both`, or with `prefill` and `decode`, or several of `both`. */
  readonly pools: readonly PoolDesign[];
  /** Present where there are prefill and decode pools. */
  readonly disaggregation?: DisaggregationDesign;
  readonly cache: CacheDesign;
  readonly router: RouterDesign;
  readonly admission: PolicyDesign;
  /** Absent: the replicas of the design from beginning to end. */
  readonly autoscaler?: AutoscalerDesign;
  readonly failures: FailureDesign;
  readonly prices: Prices;
  readonly assumptions: readonly Assumption[];
  readonly warnings: readonly string[];
}

/** Where requests come from. A described workload is drawn when it is run, so that searches may change its rate. */
export type RequestsDesign =
  | { readonly source: "described"; readonly spec: RequestSpec }
  | {
      readonly source: "trace";
      readonly file: string;
      readonly format: string;
      readonly list: RequestList;
      /** Malformed lines that were left out, as the scenario asked. */
      readonly skipped: number;
    };

/** One limit on one latency, of all requests or of one class. */
export interface Target {
  readonly metric: LatencyMetric;
  readonly statistic: LatencyStatistic;
  readonly most: Seconds;
  readonly className?: string;
}

/** How the weights of one replica lie on its accelerators. */
export interface ReplicaLayout {
  /** Tensor-parallel degree of attention and dense layers. */
  readonly tensor: number;
  readonly pipeline: number;
  /** Ranks that experts are spread over; what is left of tensor x attentionData cuts each expert. */
  readonly expert: number;
  readonly attentionData: number;
  /** tensor x pipeline x attentionData. */
  readonly accelerators: number;
}

export interface PoolDesign {
  readonly name: string;
  readonly role: "both" | "prefill" | "decode";
  /** Nodes of the pool; several pools of one kind of node share a cluster. */
  readonly cluster: Cluster;
  readonly replicas: number;
  readonly layout: ReplicaLayout;
  readonly engine: EngineSettings;
  readonly precision: ServingPrecision | "as-published";
  readonly cachePrecision: CachePrecision;
  /** Kernels of routed experts, where the engine is told which. */
  readonly expertKernels?: ExpertKernels;
  readonly memory: ReplicaMemory;
  /** Captured decode iterations; `sizes` absent as the engine chooses them. */
  readonly graphs: { readonly captured: "on" | "off"; readonly sizes?: readonly number[] };
  /** Who drafts, where `engine.speculation` is there. */
  readonly drafting?: {
    readonly method: "mtp" | "eagle" | "ngram" | "draft-model";
    /** Absent for n-grams. */
    readonly drafter?: Drafter;
  };
  /** What lies ready for adapters; every adapter that requests ask for has a slot. */
  readonly adapters?: AdapterSlots;
  /** Name of the engine; its version is in the settings. */
  readonly engineName: string;
  /** Times of the host that the scenario gives; the others are those of the engine's version. */
  readonly host: Partial<HostTimes>;
  /** A user's tables of layer times. */
  readonly steps?: LayerTableOptions;
}

export interface DisaggregationDesign {
  /** Prompts with fewer uncached tokens stay with the decode replica. */
  readonly threshold: number;
  /** Of the hand-over from one replica, one direction. */
  readonly bandwidth: BytesPerSecond;
  readonly latency: Seconds;
  readonly overlap: "none" | "layers";
}

export interface TierDesign {
  readonly medium: "host-memory" | "nvme" | "remote";
  /** Of one replica; remote: of all. */
  readonly size: Bytes;
  readonly bandwidth: BytesPerSecond;
  readonly latency: Seconds;
  readonly write: "through" | "back" | "selective";
  readonly eviction: "lru" | "fifo" | "ttl";
  /** Infinity without one. */
  readonly timeToLive: Seconds;
}

export interface CacheDesign {
  readonly tiers: readonly TierDesign[];
  readonly fetch: "always" | "cheaper";
  /** Blocks of a session are held so long after its answer; 0 for not. */
  readonly pin: Seconds;
  readonly peers: "on" | "off";
}

/** A policy by name with the options as written; its own defaults fill the rest. */
export interface PolicyDesign {
  readonly policy: string;
  readonly options: Readonly<Record<string, number | string>>;
}

export interface RouterDesign extends PolicyDesign {
  readonly scrapeInterval: Seconds;
  readonly eventDelay: Seconds;
  readonly hop: Seconds;
}

export interface AutoscalerDesign extends PolicyDesign {
  readonly pool: string;
  readonly min: number;
  readonly max: number;
  readonly interval: Seconds;
  readonly provisioning: Seconds;
  readonly loading: Seconds;
}

export type FailureDesign =
  | {
      readonly kind: "listed";
      readonly list: readonly {
        readonly pool: string;
        readonly replica: number;
        readonly at: Seconds;
        readonly downFor: Seconds;
      }[];
    }
  | { readonly kind: "random"; readonly timeBetweenFailures: Seconds; readonly downFor: Seconds };
