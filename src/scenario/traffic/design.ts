/** A traffic scenario with everything looked up. */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { Cluster, FabricRouting } from "../../catalog/cluster.ts";
import type { FlowAlgorithm, FlowOperation, Message, PatternOptions } from "../../network/index.ts";
import type { Assumption } from "../prediction.ts";

/** A pattern with its options filled in, on groups of accelerators. */
export interface PatternDesign {
  /** Catalog name of the pattern. */
  readonly pattern: string;
  readonly options: PatternOptions;
  readonly groups: readonly (readonly number[])[];
  /** Of one message. */
  readonly size: Bytes;
}

/** What a phase of a job does. */
export type PhaseDesign =
  | { readonly what: "compute"; readonly time: Seconds }
  | ({ readonly what: "pattern" } & PatternDesign)
  | {
      readonly what: "collective";
      readonly operation: FlowOperation;
      readonly algorithm: FlowAlgorithm;
      readonly groups: readonly (readonly number[])[];
      readonly size: Bytes;
    };

export interface JobDesign {
  readonly name: string;
  readonly accelerators: readonly number[];
  readonly start: Seconds;
  readonly rounds: number;
  readonly phases: readonly PhaseDesign[];
}

export type TrafficCase =
  | ({ readonly what: "pattern"; readonly rounds: number; readonly overhead: Seconds } & PatternDesign)
  | {
      readonly what: "trace";
      readonly file: string;
      readonly messages: readonly Message[];
      readonly overhead: Seconds;
    }
  | { readonly what: "jobs"; readonly jobs: readonly JobDesign[] };

export interface TrafficDesign {
  readonly name: string;
  readonly seed: number;
  readonly cluster: Cluster;
  readonly traffic: TrafficCase;
  /** From whose port messages leave; collectives go as the fabric says. */
  readonly forwarding: FabricRouting["forwarding"];
  readonly assumptions: readonly Assumption[];
  readonly warnings: readonly string[];
}
