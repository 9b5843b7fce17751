/** Cache tiers, hand-over between prefill and decode, failures of replicas. */

import { formatQuantity } from "../../base/quantity.ts";
import type { CacheTierText, ServingText } from "../schema/serving.ts";
import type { CacheDesign, DisaggregationDesign, FailureDesign, PoolDesign, TierDesign } from "../serving/design.ts";
import { given, type Notes, problem } from "./notes.ts";

export function resolveCache({ cache }: ServingText, pools: readonly PoolDesign[], notes: Notes): CacheDesign {
  const tiers = (cache?.tiers ?? []).map((tier, index) => tierOf(tier, `serving.cache.tiers[${index}]`, pools, notes));
  const found = tiers.filter((tier) => tier !== undefined);
  const away = found.length > 0 || cache?.peers === "on";
  if (!away && cache?.fetch !== undefined) {
    problem(notes, "serving.cache.fetch", "has no effect without tiers or peers", "remove it");
  }
  const fetch = away ? given(notes, "serving.cache.fetch", cache?.fetch, "always", "not given") : "always";
  return { tiers: found, fetch, pin: cache?.pin ?? 0, peers: cache?.peers ?? "off" };
}

function tierOf(
  written: CacheTierText,
  path: string,
  pools: readonly PoolDesign[],
  notes: Notes,
): TierDesign | undefined {
  const { medium, size } = written;
  const bandwidth = written.bandwidth ?? hostBandwidth(written, path, pools, notes);
  const latency = written.latency ?? 0;
  if (written.latency === undefined) {
    notes.assumptions.push({ path: `${path}.latency`, value: "0 s", reason: "not given" });
  }
  const write = given(notes, `${path}.write`, written.write, "back", "not given; what is evicted above comes here");
  const eviction = given(notes, `${path}.eviction`, written.eviction, "lru", "not given");
  const { timeToLive } = written;
  if ((eviction === "ttl") !== (timeToLive !== undefined)) {
    const message = eviction === "ttl" ? "missing; ttl needs it" : `has no effect with eviction: ${eviction}`;
    problem(notes, `${path}.timeToLive`, message, eviction === "ttl" ? "e.g. timeToLive: 10 min" : "remove it");
  }
  if (bandwidth === undefined) return undefined;
  return { medium, size, bandwidth, latency, write, eviction, timeToLive: timeToLive ?? Number.POSITIVE_INFINITY };
}

/** Links between the accelerators of a replica and their host, the slowest pool's. */
function hostBandwidth(
  { medium }: CacheTierText,
  path: string,
  pools: readonly PoolDesign[],
  notes: Notes,
): number | undefined {
  const at = `${path}.bandwidth`;
  const links = pools.map(({ cluster, layout }) => {
    const { host } = cluster.node;
    return host === undefined ? undefined : host.link * layout.accelerators;
  });
  if (medium === "host-memory" && links.every((link) => link !== undefined)) {
    const least = Math.min(...links);
    const reason = "not given; the datasheet rate of the links between a replica's accelerators and their host";
    notes.assumptions.push({ path: at, value: formatQuantity(least, "bytesPerSecond"), reason });
    return least;
  }
  const why = medium === "host-memory" ? "the node states no link to its host" : `${medium} has no usual one`;
  problem(notes, at, `missing; ${why}`, "e.g. bandwidth: 25 GB/s");
  return undefined;
}

/** The hand-over, where there are pools for prefill and for decode. */
export function resolveDisaggregation(
  { disaggregation }: ServingText,
  pools: readonly PoolDesign[],
  notes: Notes,
): DisaggregationDesign | undefined {
  const path = "serving.disaggregation";
  const prefill = pools.filter(({ role }) => role === "prefill");
  if (prefill.length === 0) {
    if (disaggregation !== undefined) {
      problem(notes, path, "has no effect without prefill and decode pools", "remove it, or write pools");
    }
    return undefined;
  }
  const threshold = given(
    notes,
    `${path}.threshold`,
    disaggregation?.threshold,
    0,
    "not given; every prompt is handed over",
  );
  const overlap = given(notes, `${path}.overlap`, disaggregation?.overlap, "none", "not given");
  const latency = disaggregation?.latency ?? handOverLatency(pools, notes);
  const bandwidth = disaggregation?.bandwidth ?? portBandwidth(pools, notes);
  return bandwidth === undefined ? undefined : { threshold, bandwidth, latency, overlap };
}

/** Two ends and the switches between them. */
function handOverLatency(pools: readonly PoolDesign[], notes: Notes): number {
  const fabric = pools[0]?.cluster.fabric;
  const latency = fabric === undefined ? 0 : (2 * fabric.tiers - 1) * fabric.hopLatency;
  const reason = "not given; the switches between two replicas";
  const value = formatQuantity(latency, "seconds");
  notes.assumptions.push({ path: "serving.disaggregation.latency", value, reason });
  return latency;
}

/** Network ports of a replica's share of its nodes; the slower end decides. */
function portBandwidth(pools: readonly PoolDesign[], notes: Notes): number | undefined {
  const path = "serving.disaggregation.bandwidth";
  const one = pools[0]?.cluster;
  const inside =
    one !== undefined && one.accelerators <= one.node.scaleUp.domain && pools.every(({ cluster }) => cluster === one);
  const rates = pools.map(({ cluster: { node }, layout }) => {
    const share = Math.min(layout.accelerators, node.acceleratorsPerNode) / node.acceleratorsPerNode;
    return inside ? node.scaleUp.bandwidth * layout.accelerators : node.nics.count * node.nics.bandwidth * share;
  });
  const least = Math.min(...rates);
  if (!(least > 0)) {
    problem(notes, path, "missing; the nodes have no network ports", "e.g. bandwidth: 25 GB/s");
    return undefined;
  }
  const what = inside ? "scale-up links" : "network ports";
  const reason = `not given; ${what} of one replica, the slower of both ends, at their datasheet rate`;
  notes.assumptions.push({ path, value: formatQuantity(least, "bytesPerSecond"), reason });
  return least;
}

export function resolveFailures({ failures }: ServingText, pools: readonly PoolDesign[], notes: Notes): FailureDesign {
  if (failures === undefined) return { kind: "listed", list: [] };
  if (!("length" in failures)) return { kind: "random", ...failures };
  const list = failures.flatMap(({ pool, replica, at, downFor }, index) => {
    const path = `serving.failures[${index}]`;
    const found = poolNamed(pool, pools, `${path}.pool`, notes);
    if (found === undefined) return [];
    if (replica >= found.replicas) {
      const message = `no replica ${replica} in pool ${found.name}`;
      problem(notes, `${path}.replica`, message, `0 to ${found.replicas - 1} are there`);
    }
    return [{ pool: found.name, replica, at, downFor }];
  });
  return { kind: "listed", list };
}

/** The pool of a name, or the only one. */
export function poolNamed(
  name: string | undefined,
  pools: readonly PoolDesign[],
  path: string,
  notes: Notes,
): PoolDesign | undefined {
  const found =
    name === undefined ? (pools.length === 1 ? pools[0] : undefined) : pools.find((pool) => pool.name === name);
  if (found !== undefined) return found;
  const known = pools.map((pool) => pool.name).join(", ");
  problem(
    notes,
    path,
    name === undefined ? "missing; there are several pools" : `no pool "${name}"`,
    `one of ${known}`,
  );
  return undefined;
}
