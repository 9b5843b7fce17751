/**
 * Any network from a description: accelerators, ports and switches by name and the cables between them. Everything that
 * makes no network is a problem with its place.
 */

import type { Problem } from "../../base/problem.ts";
import type { BytesPerSecond, Seconds } from "../../base/quantity.ts";
import { suggestion } from "../../base/suggestion.ts";
import { GraphBuilder, type Topology } from "./graph.ts";
import { cableLatency } from "./latency.ts";

export interface CustomCable {
  readonly from: string;
  readonly to: string;
  /** One direction. */
  readonly bandwidth: BytesPerSecond;
  readonly latency: Seconds;
  /** Metres; adds what light takes. Default 0. */
  readonly length?: number;
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

/** More cables than this are a slip. */
const mostCables = 4_000_000;
/** Problems enough to mend before the rest is looked at; names enough to be searched for the one that was meant. */
const enough = 100;
const searched = 10_000;

/** The topology, or what is wrong with the description. */
export function customTopology(graph: CustomGraph): Topology | { readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const { accelerators, ports = [], switches } = graph;
  const builder = new GraphBuilder(graph.name, { accelerators: accelerators.length, ports: ports.length });
  const vertices = new Map<string, number>();
  const name = (text: string, path: string, vertex: number): void => {
    if (vertices.has(text) && problems.length < enough) {
      problems.push({ path, message: `"${text}" is there twice`, hint: "give each vertex a name" });
    }
    vertices.set(text, vertex);
  };
  accelerators.forEach((text, index) => {
    name(text, `accelerators[${index}]`, index);
  });
  ports.forEach((text, index) => {
    name(text, `ports[${index}]`, builder.port(index));
  });
  switches.forEach(({ name: text, radix }, index) => {
    const group = { name: text, count: 1, ...(radix === undefined ? {} : { radix }) };
    name(text, `switches[${index}]`, builder.switchGroup(group));
  });
  if (accelerators.length === 0) {
    problems.push({ path: "accelerators", message: "a network without accelerators", hint: "name at least one" });
  }
  addCables(builder, graph, vertices, problems);
  if (problems.length > 0) return { problems };
  return { ...builder.finish(), names: [...accelerators, ...ports, ...switches.map((each) => each.name)] };
}

function addCables(
  builder: GraphBuilder,
  graph: CustomGraph,
  vertices: ReadonlyMap<string, number>,
  problems: Problem[],
): void {
  const classes = new Map<string, number>();
  let cables = 0;
  graph.cables.forEach((cable, index) => {
    if (problems.length >= enough) return;
    const found = cableProblems(cable, vertices, `cables[${index}]`);
    cables += cable.count ?? 1;
    if (cables > mostCables && cables - (cable.count ?? 1) <= mostCables) {
      found.push({ path: `cables[${index}]`, message: `more than ${mostCables} cables`, hint: "check the counts" });
    }
    problems.push(...found);
    const [a, b] = [vertices.get(cable.from), vertices.get(cable.to)];
    if (problems.length > 0 || a === undefined || b === undefined) return;
    const kind = classOf(builder, classes, cable, Math.max(a, b) < graph.accelerators.length);
    if (kind === undefined) {
      const hint = "give cables of one kind the same bandwidth and latency";
      problems.push({ path: `cables[${index}]`, message: "more than 255 kinds of cables", hint });
      return;
    }
    for (let each = 0; each < (cable.count ?? 1); each++) builder.cable(a, b, kind);
  });
}

/** A rate or a time beyond these is no number that exists. */
const largest = 1e24;

function cableProblems(cable: CustomCable, vertices: ReadonlyMap<string, number>, path: string): Problem[] {
  const problems: Problem[] = [];
  const { bandwidth, latency, length = 0, count = 1 } = cable;
  for (const end of ["from", "to"] as const) {
    if (vertices.has(cable[end])) continue;
    const near = vertices.size > searched ? undefined : suggestion(cable[end], vertices.keys());
    const hint = near === undefined ? "name it among accelerators, ports or switches" : `did you mean "${near}"?`;
    problems.push({ path: `${path}.${end}`, message: `no vertex "${cable[end]}"`, hint });
  }
  if (!(bandwidth > 0 && bandwidth < largest)) {
    problems.push({ path: `${path}.bandwidth`, message: `${bandwidth} bytes/s`, hint: "expected more than 0" });
  }
  if (!(latency >= 0 && latency < largest)) {
    problems.push({ path: `${path}.latency`, message: `${latency} s`, hint: "expected 0 or more" });
  }
  if (!(length >= 0 && length < largest)) {
    problems.push({ path: `${path}.length`, message: `${length} m`, hint: "expected 0 or more" });
  }
  if (!(Number.isInteger(count) && count > 0)) {
    problems.push({ path: `${path}.count`, message: `${count} cables`, hint: "expected a whole number from 1" });
  }
  if (cable.from === cable.to && vertices.has(cable.from)) {
    problems.push({ path, message: `joins "${cable.from}" with itself`, hint: "expected two vertices" });
  }
  return problems;
}

function classOf(
  builder: GraphBuilder,
  classes: Map<string, number>,
  cable: CustomCable,
  betweenAccelerators: boolean,
): number | undefined {
  const medium = cable.medium ?? (betweenAccelerators ? "scale-up" : "fabric");
  const latency = cable.latency + cableLatency(cable.length ?? 0);
  const key = `${medium},${cable.bandwidth},${latency}`;
  const found = classes.get(key);
  if (found !== undefined || classes.size === 255) return found;
  const made = builder.linkClass({ name: medium, medium, capacity: cable.bandwidth, latency });
  classes.set(key, made);
  return made;
}
