/** The resources of a serving design, each with a way to have a little more or less of it. */

import { type HardwareResource, hardwareResources } from "../hardware-resources.ts";
import type { PoolDesign, ServingDesign } from "./design.ts";

export interface ServingResource {
  readonly name: string;
  readonly label: string;
  /** Present amount, SI. */
  readonly value: number;
  readonly unit: string;
  /** The same design with `factor` times as much of it. */
  scaled(factor: number): ServingDesign;
}

/** Hardware of each pool, its host's speed, and the price; what a design has none of is left out. */
export function servingResources(design: ServingDesign): readonly ServingResource[] {
  const several = design.pools.length > 1;
  const hardware = design.pools.flatMap((pool, index) =>
    hardwareResources.map((resource): ServingResource => {
      const { name, label, unit, value } = resource;
      return {
        name: several ? `${pool.name}.${name}` : name,
        label: several ? `${label}, pool ${pool.name}` : label,
        unit,
        // A cache of a given size does not follow the memory.
        value: name === "memoryCapacity" && pool.engine.blocks !== pool.memory.blocks ? 0 : value(pool.cluster),
        scaled: (factor) => withPool(design, index, scaledPool(pool, resource, factor)),
      };
    }),
  );
  return [...hardware, ...priceResources(design)].filter(({ value }) => value > 0);
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
