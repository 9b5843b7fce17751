/**
 * Every batching policy on random requests, engines and caches, small ones above all: nothing is lost, made twice, held
 * back for good or done before its time. A new entry of the registry is tested without a line here.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchingPolicies } from "../../src/serving/batching/index.ts";
import type { EngineSettings } from "../../src/serving/engine/settings.ts";
import { type FleetRun, runFleet } from "../../src/serving/fleet/fleet.ts";
import { phases } from "../../src/serving/request-state.ts";
import type { Batch, StepTime } from "../../src/serving/step/batch.ts";
import { type RequestList, RequestListBuilder } from "../../src/workload/request/list.ts";
import { noHost, oneReplica } from "../serving/engine.ts";

const names = Object.keys(batchingPolicies.entries);
/** Stated for one iteration at a time, planned when the last has ended, without drafted tokens. */
const plain = new Set(["sarathi", "vllm-v0"]);

const step: StepTime = {
  time: (batches) => 1 + Math.max(...batches.map((batch: Batch) => 0.01 * batch.tokens + 0.0001 * batch.decodeContext)),
  terms: () => {
    throw new Error("not asked for");
  },
};
