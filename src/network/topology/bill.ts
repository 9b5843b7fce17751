/**
 * What a topology is made of: switches by group with their cables, and cables by class. Ignores: spare parts, racks,
 * management networks and long-haul equipment.
 */

import type { BytesPerSecond } from "../../base/quantity.ts";
import { type LinkClass, type SwitchGroup, type Topology, vertexKind } from "./graph.ts";

export interface BillOfMaterials {
  readonly switches: readonly SwitchLine[];
  readonly cables: readonly CableLine[];
}

export interface SwitchLine {
  readonly name: string;
  readonly count: number;
  /** Cables at the fullest one. */
  readonly portsUsed: number;
  /** Line rate of its fastest cable. */
  readonly rate: BytesPerSecond;
  readonly place: "fabric" | "node" | "border";
  readonly radix?: number;
}

export interface CableLine {
  readonly name: string;
  readonly medium: LinkClass["medium"];
  readonly count: number;
  /** Line rate. */
  readonly bandwidth: BytesPerSecond;
  /** Optical modules at their ends: two a cable, none for copper and inside nodes; and those in switches. */
  readonly optics: number;
  readonly opticsInSwitches: number;
}

/**
 * Counts switches and cables. Optics: cables between switches are taken as optical with a module at each end; those
 * from ports to leaves too unless `copper` names their class. Long-haul equipment is not counted.
 */
export function billOfMaterials(topology: Topology, copper: readonly string[] = []): BillOfMaterials {
  const { starts, classOf, classes, vertices } = topology;
  const links = new Float64Array(classes.length);
  const fromSwitch = new Float64Array(classes.length);
  for (let vertex = 0; vertex < vertices; vertex++) {
    const own = vertexKind(topology, vertex) === "switch" ? 1 : 0;
    for (let link = starts[vertex]!; link < starts[vertex + 1]!; link++) {
      links[classOf[link]!]! += 1;
      fromSwitch[classOf[link]!]! += own;
    }
  }
  return {
    switches: joined(topology.switches.map((group) => switchLine(topology, group))),
    cables: classes.map((own, kind) => {
      const { name, medium } = own;
      const count = links[kind]! / 2;
      const optical = medium === "fabric" && !copper.includes(name);
      const opticsInSwitches = optical ? fromSwitch[kind]! : 0;
      return { name, medium, count, bandwidth: lineOf(own), optics: optical ? 2 * count : 0, opticsInSwitches };
    }),
  };
}

function switchLine(topology: Topology, group: SwitchGroup): SwitchLine {
  const { starts, classOf, classes } = topology;
  let [portsUsed, rate] = [0, 0];
  const mediums = new Set<LinkClass["medium"]>();
  for (let each = group.first; each < group.first + group.count; each++) {
    portsUsed = Math.max(portsUsed, starts[each + 1]! - starts[each]!);
    for (let link = starts[each]!; link < starts[each + 1]!; link++) {
      const kind = classes[classOf[link]!]!;
      rate = Math.max(rate, lineOf(kind));
      mediums.add(kind.medium);
    }
  }
  const place = mediums.has("fabric") ? "fabric" : mediums.has("long-haul") ? "border" : "node";
  const radix = group.radix === undefined ? {} : { radix: group.radix };
  return { name: group.name, count: group.count, portsUsed, rate, place, ...radix };
}

/** Groups that differ by a number alone, as the rails of a fabric do, are one line. */
function joined(lines: readonly SwitchLine[]): readonly SwitchLine[] {
  const groups = new Map<string, SwitchLine[]>();
  for (const line of lines) {
    const { name, portsUsed, rate, place, radix } = line;
    const key = [withoutNumber(name), portsUsed, rate, place, radix].join("|");
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups.values()].flatMap((alike): readonly SwitchLine[] => {
    const [first] = alike;
    if (first === undefined || alike.length === 1) return alike;
    return [{ ...first, name: withoutNumber(first.name), count: alike.reduce((sum, { count }) => sum + count, 0) }];
  });
}

/** `rail 3 leaf` as `rail leaf`. */
function withoutNumber(name: string): string {
  return name.replace(/ \d+(?= |$)/, "");
}

function lineOf({ line, capacity }: LinkClass): BytesPerSecond {
  return line ?? capacity;
}
