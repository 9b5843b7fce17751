/**
 * Any network from a description: accelerators, ports and switches by name and the cables between them. Everything that
 * makes no network is a problem with its place.
 */

import type { Problem } from "../../base/problem.ts";
import type { BytesPerSecond, Seconds } from "../../base/quantity.ts";
import { GraphBuilder, type Topology } from "./graph.ts";

export interface CustomCable {
  readonly from: string;
  readonly to: string;
  /** One direction. */
  readonly bandwidth: BytesPerSecond;
  readonly latency: Seconds;
  /** Cables of this kind between the two. Default 1. */
  readonly count?: number;
  /** long-haul: between buildings. Default fabric, or scale-up between two accelerators. */
  readonly medium?: "scale-up" | "host" | "fabric" | "long-haul";
}

export interface CustomGraph {
  readonly name: string;
  /** Names in the order of their ranks. */
  readonly accelerators: readonly string[];
  readonly ports?: readonly string[];
  readonly switches: readonly { readonly name: string; readonly radix?: number }[];
  readonly cables: readonly CustomCable[];
}

/** The topology, or what is wrong with the description. */
export function customTopology(graph: CustomGraph): Topology | { readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const ports = graph.ports ?? [];
  const builder = new GraphBuilder(graph.name, { accelerators: graph.accelerators.length, ports: ports.length });
  const vertices = new Map<string, number>();
  const name = (text: string, path: string, vertex: number): void => {
    if (vertices.has(text))
      problems.push({ path, message: `"${text}" is there twice`, hint: "give each vertex a name" });
    vertices.set(text, vertex);
  };
  graph.accelerators.forEach((text, index) => {
    name(text, `accelerators[${index}]`, index);
  });
  ports.forEach((text, index) => {
    name(text, `ports[${index}]`, builder.port(index));
  });
  graph.switches.forEach(({ name: text, radix }, index) => {
    const group = { name: text, count: 1, ...(radix === undefined ? {} : { radix }) };
    name(text, `switches[${index}]`, builder.switchGroup(group));
  });
  addCables(builder, graph, vertices, problems);
  if (problems.length > 0) return { problems };
  return { ...builder.finish(), names: [...graph.accelerators, ...ports, ...graph.switches.map((each) => each.name)] };
}

function addCables(
  builder: GraphBuilder,
  graph: CustomGraph,
  vertices: ReadonlyMap<string, number>,
  problems: Problem[],
): void {
  const classes = new Map<string, number>();
  graph.cables.forEach((cable, index) => {
    const path = `cables[${index}]`;
    const [a, b] = [vertices.get(cable.from), vertices.get(cable.to)];
    for (const end of ["from", "to"] as const) {
      if (vertices.has(cable[end])) continue;
      problems.push({
        path: `${path}.${end}`,
        message: `no vertex "${cable[end]}"`,
        hint: "name it among accelerators, ports or switches",
      });
    }
    if (!(cable.bandwidth > 0)) {
      problems.push({ path: `${path}.bandwidth`, message: `${cable.bandwidth} bytes/s`, hint: "expected more than 0" });
    }
    if (!(cable.latency >= 0)) {
      problems.push({ path: `${path}.latency`, message: `${cable.latency} s`, hint: "expected 0 or more" });
    }
    if (a === b && a !== undefined) {
      problems.push({ path, message: `joins "${cable.from}" with itself`, hint: "expected two vertices" });
    }
    if (a === undefined || b === undefined || a === b || !(cable.bandwidth > 0) || !(cable.latency >= 0)) return;
    const kind = classOf(builder, classes, cable, Math.max(a, b) < graph.accelerators.length);
    for (let each = 0; each < (cable.count ?? 1); each++) builder.cable(a, b, kind);
  });
}

function classOf(
  builder: GraphBuilder,
  classes: Map<string, number>,
  cable: CustomCable,
  betweenAccelerators: boolean,
): number {
  const medium = cable.medium ?? (betweenAccelerators ? "scale-up" : "fabric");
  const key = `${medium},${cable.bandwidth},${cable.latency}`;
  const found = classes.get(key);
  if (found !== undefined) return found;
  const made = builder.linkClass({ name: medium, medium, capacity: cable.bandwidth, latency: cable.latency });
  classes.set(key, made);
  return made;
}
