/** What moves between and below replicas, as the fleet wants it: tiers of the cache, and the hand-over of prompts. */

import type { BytesPerSecond } from "../../base/quantity.ts";
import { cacheBytesPerToken } from "../../catalog/models/index.ts";
import type { CacheSpec, HandOffSpec, ReplicaTransfer, TierSpec } from "../../serving/fleet/spec.ts";
import { engineTimes } from "../../serving/step/engine-times.ts";
import type { PoolDesign, ServingDesign, TierDesign } from "./design.ts";

/** Blocks of a replica on the network: its share of the ports, or what the scenario gives for the hand-over. */
export function transferOf(pool: PoolDesign, { model, disaggregation }: ServingDesign): ReplicaTransfer {
  return {
    bytesPerToken: cacheBytesPerToken(model, pool.cachePrecision === "fp8" ? 1 : 2),
    port: disaggregation?.bandwidth ?? portsOf(pool),
  };
}

/** A replica's share of its nodes' ports; nodes without any reach others no slower than over their scale-up links. */
function portsOf({ cluster: { node }, layout }: PoolDesign): BytesPerSecond {
  const share = layout.accelerators / node.acceleratorsPerNode;
  const ports = node.nics.count * node.nics.bandwidth * share;
  return ports > 0 ? ports : node.scaleUp.bandwidth * layout.accelerators;
}

/** Absent where each replica has its own cache and nothing below it. */
export function cacheSpec({ cache, pools }: ServingDesign): CacheSpec | undefined {
  if (cache.tiers.length === 0 && cache.peers === "off" && cache.pin === 0) return undefined;
  const { fabric } = pools[0]?.cluster ?? {};
  return {
    tiers: cache.tiers.map(tierSpec),
    fetch: cache.fetch,
    pin: cache.pin,
    peers: cache.peers,
    peerLatency: fabric === undefined ? 0 : (2 * fabric.tiers - 1) * fabric.hopLatency,
  };
}

/** Hits that make a block worth keeping under the selective rule: computed, and found once more. */
const selectiveUses = 2;

function tierSpec({ medium, size, bandwidth, latency, write, eviction, timeToLive }: TierDesign): TierSpec {
  return {
    medium,
    scope: medium === "remote" ? "fleet" : "replica",
    size,
    read: bandwidth,
    write: bandwidth,
    latency,
    rule: write === "selective" ? { when: write, uses: selectiveUses } : { when: write },
    eviction: eviction === "ttl" ? { order: eviction, timeToLive } : { order: eviction },
    staging: "direct",
  };
}

/** Absent where no pool computes prompts for another. */
export function handOffSpec({ disaggregation, model, pools }: ServingDesign): HandOffSpec | undefined {
  if (disaggregation === undefined) return undefined;
  const decode = pools.find(({ role }) => role === "decode");
  const host = { ...engineTimes().host, ...decode?.host };
  const { threshold, overlap, latency } = disaggregation;
  return {
    threshold,
    // vLLM's decode side computes the last prompt token again; the others take the first token along.
    firstToken: decode?.engineName === "vllm" ? "decode" : "prefill",
    overlap,
    layers: model.layers.length,
    latency,
    // The answer of the prefill side goes back to whoever asked, who then asks the decode side.
    dispatch: host.egress + host.ingress,
  };
}
