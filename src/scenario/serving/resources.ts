/** The resources of a serving design, each with a way to have a little more or less of it. */

import { type HardwareResource, hardwareResources } from "../hardware-resources.ts";
import type { PoolDesign, ServingDesign } from "./design.ts";
import { hostTimes } from "./replica.ts";

export interface ServingResource {
  readonly name: string;
  readonly label: string;
  /** Present amount, SI. */
  readonly value: number;
  readonly unit: string;
  /** The same design with `factor` times as much of it. */
  scaled(factor: number): ServingDesign;
}

/** Hardware of each pool, its host's times, tiers, the hand-over and the price; what a design has none of is left out. */
export function servingResources(design: ServingDesign): readonly ServingResource[] {
  const pools = design.pools.flatMap((pool, index) => [
    ...hardwareResources.map((resource) => hardwareOf(design, index, pool, resource)),
    hostOf(design, index, pool),
  ]);
  const all = [...pools, ...tierResources(design), ...handOver(design), ...priceResources(design)];
  return all.filter(({ value }) => value > 0);
}

function hardwareOf(
  design: ServingDesign,
  index: number,
  pool: PoolDesign,
  resource: HardwareResource,
): ServingResource {
  const { name, label, unit, value } = resource;
  return {
    ...named(design, pool, name, label),
    unit,
    // A cache of a given size does not follow the memory.
    value: name === "memoryCapacity" && pool.engine.blocks !== pool.memory.blocks ? 0 : value(pool.cluster),
    scaled: (factor) => withPool(design, index, scaledPool(pool, resource, factor)),
  };
}

/** All times of the host together: around an iteration, and from and to the client. */
function hostOf(design: ServingDesign, index: number, pool: PoolDesign): ServingResource {
  const times = hostTimes(pool);
  return {
    ...named(design, pool, "hostTimes", "times of the host"),
    unit: "s",
    value: times.ingress + times.egress + times.delivery + times.iteration + times.scheduling,
    scaled: (factor) => {
      const host = Object.fromEntries(Object.entries(times).map(([name, time]) => [name, time * factor]));
      return withPool(design, index, { ...pool, host });
    },
  };
}

/** Over several pools: the same of each, `decode.memoryBandwidth`. */
function named({ pools }: ServingDesign, pool: PoolDesign, name: string, label: string) {
  return pools.length > 1 ? { name: `${pool.name}.${name}`, label: `${label}, pool ${pool.name}` } : { name, label };
}

function tierResources(design: ServingDesign): ServingResource[] {
  const { cache } = design;
  return cache.tiers.flatMap((tier, index) => {
    const changed = (key: "size" | "bandwidth", unit: string, label: string): ServingResource => ({
      name: `${tier.medium}.${key}`,
      label,
      unit,
      value: Number.isFinite(tier[key]) ? tier[key] : 0,
      scaled: (factor) => {
        const tiers = cache.tiers.map((each, at) => (at === index ? { ...each, [key]: each[key] * factor } : each));
        return { ...design, cache: { ...cache, tiers } };
      },
    });
    return [
      changed("size", "B", `size of the ${tier.medium} tier`),
      changed("bandwidth", "B/s", `bandwidth of the ${tier.medium} tier`),
    ];
  });
}

function handOver(design: ServingDesign): ServingResource[] {
  const { disaggregation } = design;
  if (disaggregation === undefined) return [];
  const { bandwidth: value } = disaggregation;
  return [
    {
      name: "handOverBandwidth",
      label: "bandwidth of the hand-over",
      value,
      unit: "B/s",
      scaled: (factor) => ({ ...design, disaggregation: { ...disaggregation, bandwidth: value * factor } }),
    },
  ];
}

function withPool(design: ServingDesign, index: number, pool: PoolDesign): ServingDesign {
  return { ...design, pools: design.pools.map((each, at) => (at === index ? pool : each)) };
}

function scaledPool(pool: PoolDesign, { name, scale }: HardwareResource, factor: number): PoolDesign {
  const cluster = scale(pool.cluster, factor);
  if (name !== "memoryCapacity") return { ...pool, cluster };
  const { memory, engine } = pool;
  const capacity = memory.capacity * factor;
  const cache = memory.cache + memory.utilization * (capacity - memory.capacity);
  const blocks = memory.blockBytes === 0 ? memory.blocks : Math.max(0, Math.floor(cache / memory.blockBytes));
  return { ...pool, cluster, memory: { ...memory, capacity, cache, blocks }, engine: { ...engine, blocks } };
}

function priceResources(design: ServingDesign): ServingResource[] {
  const { prices } = design;
  const { acceleratorSecond: value } = prices;
  if (value === "unknown") return [];
  return [
    {
      name: "acceleratorPrice",
      label: "price of an accelerator-hour",
      value,
      unit: "USD/s",
      scaled: (factor) => ({ ...design, prices: { ...prices, acceleratorSecond: value * factor } }),
    },
  ];
}
