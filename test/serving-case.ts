/** Small fleets with times that can be worked out by hand. */

import { leaf } from "../src/base/term.ts";
import type { EngineSettings, HostTimes } from "../src/serving/engine/settings.ts";
import type { CacheSpec, FleetSpec, HandOffSpec, ReplicaSpec, TierSpec } from "../src/serving/fleet/spec.ts";
import { routingPolicy } from "../src/serving/routing/index.ts";
import type { Batch, StepTime } from "../src/serving/step/batch.ts";
import type { RequestList } from "../src/workload/request/list.ts";

/** Seconds of an iteration: a constant, and for each prompt token and generating sequence. */
export function plainStep({ constant = 0.01, prompt = 0.001, decode = 0 } = {}): StepTime {
  const time = (batches: readonly Batch[]): number => {
    let most = 0;
    for (const batch of batches) most = Math.max(most, prompt * batch.prefillTokens + decode * batch.decodes);
    return constant + most;
  };
  return {
    time,
    terms: (batches) => leaf({ name: "step", label: "step", value: time(batches), origin: "given" }),
  };
}

export const noHost: HostTimes = {
  ingress: 0,
  ingressPerToken: 0,
  egress: 0,
  delivery: 0,
  deliveryPerToken: 0,
  iteration: 0,
  iterationPerSequence: 0,
  scheduling: 0,
  schedulingPerSequence: 0,
};

export const plainSettings: EngineSettings = {
  batching: "vllm",
  version: "0.19",
  maxBatchedTokens: 2048,
  maxSequences: 64,
  maxLength: 1 << 20,
  blockTokens: 16,
  blocks: 1000,
  watermark: 0,
  chunkedPrefill: "on",
  longPrefillThreshold: 0,
  prefixCaching: "on",
  admission: "chunk",
  queueOrder: "arrival",
  hostOverlap: "off",
  dataParallel: 1,
  pipeline: 1,
};

export interface ReplicaCase {
  readonly settings?: Partial<EngineSettings>;
  readonly step?: StepTime;
  readonly host?: Partial<HostTimes>;
  readonly role?: "both" | "prefill" | "decode";
  readonly bytesPerToken?: number;
  readonly port?: number;
}

export function replicaCase({ settings, step, host, role, bytesPerToken = 1, port = 1000 }: ReplicaCase): ReplicaSpec {
  return {
    settings: { ...plainSettings, ...settings },
    step: step ?? plainStep(),
    host: { ...noHost, ...host },
    ...(role === undefined ? {} : { role }),
    transfer: { bytesPerToken, port },
  };
}

/** A tier of one byte a token: sizes and rates read as tokens. */
export const hostTier: TierSpec = {
  medium: "host-memory",
  scope: "replica",
  size: 16 * 1000,
  read: 1000,
  write: Number.POSITIVE_INFINITY,
  latency: 0,
  rule: { when: "through" },
  eviction: { order: "lru" },
  staging: "direct",
};

export function cacheCase(tiers: readonly TierSpec[], more: Partial<CacheSpec> = {}): CacheSpec {
  return { tiers, fetch: "always", pin: 0, peers: "off", peerLatency: 0, ...more };
}

export const plainHandOff: HandOffSpec = {
  threshold: 0,
  firstToken: "prefill",
  overlap: "none",
  layers: 1,
  latency: 0,
  dispatch: 0,
};

export function fleetCase(
  requests: RequestList,
  replicas: readonly ReplicaSpec[],
  more: Partial<FleetSpec> = {},
): FleetSpec {
  return {
    requests,
    replicas,
    router: (context) => routingPolicy("round-robin", {}, context),
    decodeRouter: (context) => routingPolicy("least-loaded", {}, context),
    hop: 0,
    signals: { scrapeInterval: 0, eventDelay: 0 },
    failures: { kind: "listed", list: [] },
    seed: 1,
    ...more,
  };
}
