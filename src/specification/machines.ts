/** The machines of a scenario by themselves: one cluster, or one a pool, without the work that runs on them. */

import type { Bytes } from "../base/quantity.ts";
import type { Cluster } from "../catalog/cluster.ts";
import type { CollectiveOperation } from "../network/index.ts";
import { type CollectiveDesign, type Files, resolve, type Scenario } from "../scenario/index.ts";

/** A scenario with the texts of the files that it names. */
export interface Named {
  readonly scenario: Scenario;
  readonly files: Files;
}

export interface Machines {
  /** Name of the pool; absent where all nodes are alike. */
  readonly pool?: string;
  readonly cluster: Cluster;
  /** One call over the first so many accelerators. */
  readonly collective: (call: Call) => CollectiveDesign;
}

export interface Call {
  readonly operation: CollectiveOperation;
  readonly size: Bytes;
  readonly ranks: number;
}

/** @throws ProblemError where the cluster cannot be looked up. */
export function machinesOf(named: Named): readonly Machines[] {
  const { pools, node: _node, nodes: _nodes, between: _between, ...rest } = named.scenario.cluster;
  if (pools === undefined) return [machinesOn(named, named.scenario.cluster)];
  return pools.map(({ name, node, nodes }) => ({ pool: name, ...machinesOn(named, { ...rest, node, nodes }) }));
}

function machinesOn({ scenario, files }: Named, cluster: Scenario["cluster"]): Machines {
  const collective = ({ operation, size, ranks }: Call): CollectiveDesign => {
    const { windtunnel, name, seed } = scenario;
    const whole = {
      windtunnel,
      name,
      cluster,
      workload: { kind: "collective", operation, sizes: [size], group: { size: ranks } },
      ...(seed === undefined ? {} : { seed }),
    } as Scenario;
    const design = resolve(whole, files);
    if (design.kind !== "collective") throw new Error("a collective resolved to another kind");
    return design.collective;
  };
  return { cluster: collective({ operation: "all-reduce", size: 1, ranks: 1 }).cluster, collective };
}
