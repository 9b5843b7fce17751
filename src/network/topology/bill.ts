/** What a topology is made of: switches by group with their cables, and cables by class. */

import type { BytesPerSecond } from "../../base/quantity.ts";
import type { LinkClass, Topology } from "./graph.ts";

export interface BillOfMaterials {
  readonly switches: readonly {
    readonly name: string;
    readonly count: number;
    /** Cables at the fullest one. */
    readonly portsUsed: number;
    readonly radix?: number;
  }[];
  readonly cables: readonly {
    readonly name: string;
    readonly medium: LinkClass["medium"];
    readonly count: number;
    readonly bandwidth: BytesPerSecond;
    /** Optical modules at their ends: two a cable where it leaves the rack row, none for copper and inside nodes. */
    readonly optics: number;
  }[];
}

/**
 * Counts switches and cables. Optics: cables between switches, and long-haul ones, are taken as optical with a module
 * at each end; those from ports to leaves too unless `copper` names their class.
 */
export function billOfMaterials(topology: Topology, copper: readonly string[] = []): BillOfMaterials {
  const { starts, classOf, classes } = topology;
  const links = new Float64Array(classes.length);
  for (const kind of classOf) links[kind]! += 1;
  return {
    switches: topology.switches.map(({ name, first, count, radix }) => {
      let portsUsed = 0;
      for (let each = first; each < first + count; each++) {
        portsUsed = Math.max(portsUsed, starts[each + 1]! - starts[each]!);
      }
      return { name, count, portsUsed, ...(radix === undefined ? {} : { radix }) };
    }),
    cables: classes.map(({ name, medium, capacity }, kind) => {
      const count = links[kind]! / 2;
      const optical = (medium === "fabric" || medium === "long-haul") && !copper.includes(name);
      return { name, medium, count, bandwidth: capacity, optics: optical ? 2 * count : 0 };
    }),
  };
}
