/** What is down: links, cables and whole vertices, as numbers or as people name them. */

import type { Problem } from "../../base/problem.ts";
import { suggestion } from "../../base/suggestion.ts";
import { switchName, type Topology, vertexName } from "../topology/graph.ts";

export interface Failures {
  /** Links (one direction each) and vertices that are down. */
  readonly links: ReadonlySet<number>;
  readonly vertices: ReadonlySet<number>;
}

/** By link: 1 where it, or what is at one of its ends, is down; undefined where everything works. */
export function brokenLinks(topology: Topology, failures?: Failures): Uint8Array | undefined {
  if (failures === undefined || failures.links.size + failures.vertices.size === 0) return undefined;
  const { starts, ends, reverse } = topology;
  const broken = new Uint8Array(ends.length);
  for (const link of failures.links) broken[link] = 1;
  for (const vertex of failures.vertices) {
    for (let link = starts[vertex]!; link < starts[vertex + 1]!; link++) broken[link] = broken[reverse[link]!] = 1;
  }
  return broken;
}

/**
 * Failures by name: `spine 0`, `rail 2 leaf 0`, `port 17`, `accelerator 3`, `node 5` (all its ports), and
 * `leaf 3 -> spine 7` for all cables between two, both directions. Names that mean nothing are problems.
 */
export function failuresOf(
  topology: Topology,
  names: readonly string[],
  path = "cluster.fabric.failures",
): Failures | { readonly problems: readonly Problem[] } {
  const links = new Set<number>();
  const vertices = new Set<number>();
  const problems: Problem[] = [];
  names.forEach((name, index) => {
    const place = `${path}[${index}]`;
    const ends = name.split(/\s*->\s*/).map((end) => verticesOf(topology, end.trim()));
    const unknown = name.split(/\s*->\s*/).filter((_, at) => ends[at] === undefined);
    if (unknown.length > 0) problems.push(...unknown.map((end) => unknownProblem(topology, end.trim(), place)));
    else if (ends.length === 1) for (const vertex of ends[0] ?? []) vertices.add(vertex);
    else {
      const cut = ends.length === 2 ? cablesBetween(topology, ends[0] ?? [], ends[1] ?? []) : [];
      for (const link of cut) links.add(link).add(topology.reverse[link]!);
      if (cut.length > 0) return;
      problems.push({ path: place, message: `no cable "${name}"`, hint: 'write two neighbours, "leaf 0 -> spine 1"' });
    }
  });
  return problems.length > 0 ? { problems } : { links, vertices };
}

/** Vertices that a name stands for; undefined where it stands for none. */
function verticesOf(topology: Topology, name: string): readonly number[] | undefined {
  const given = topology.names?.indexOf(name) ?? -1;
  if (given >= 0) return [given];
  const [, group = "", digits = ""] = /^(.*?)\s*(\d+)$/.exec(name) ?? [];
  const index = Number(digits);
  const { accelerators, ports, nodes } = topology;
  switch (group) {
    case "":
      return undefined;
    case "accelerator":
      return index < accelerators ? [index] : undefined;
    case "port":
      return index < ports ? [accelerators + index] : undefined;
    case "node": {
      if (nodes === undefined || index + 1 >= nodes.ports.length) return undefined;
      const first = nodes.ports[index]!;
      return Array.from({ length: nodes.ports[index + 1]! - first }, (_, port) => accelerators + first + port);
    }
  }
  const found = switchOf(topology, group, index);
  return found === undefined ? undefined : [found];
}

/** A switch by group and number, of rails also by rail. */
function switchOf({ switches }: Topology, group: string, index: number): number | undefined {
  for (const { name, first, count, from, rails } of switches) {
    const of = /^(?:(.*) )?rail (\d+) (.*)$/.exec(group);
    const railed = rails !== undefined && of !== null && (of[1] === undefined ? of[3] : `${of[1]} ${of[3]}`) === name;
    if (railed && Number(of[2]) >= rails) continue;
    if (!railed && name !== group) continue;
    const at = (railed ? index * rails + Number(of[2]) : index) - from;
    if (at >= 0 && at < count) return first + at;
  }
  return undefined;
}

function cablesBetween({ starts, ends }: Topology, from: readonly number[], to: readonly number[]): number[] {
  const links: number[] = [];
  for (const vertex of from) {
    for (let link = starts[vertex]!; link < starts[vertex + 1]!; link++) if (to.includes(ends[link]!)) links.push(link);
  }
  return links;
}

function unknownProblem(topology: Topology, name: string, path: string): Problem {
  const groups = topology.switches.map(({ count, from, ...group }) => {
    const last = switchName({ count, from, ...group }, from + count - 1);
    return count === 1 && topology.names !== undefined ? group.name : last;
  });
  const { accelerators, ports, nodes, names } = topology;
  const known = names ?? [
    ...groups,
    ...(ports > 0 ? [vertexName(topology, accelerators + ports - 1)] : []),
    `accelerator ${accelerators - 1}`,
    ...(nodes === undefined ? [] : [`node ${nodes.ports.length - 2}`]),
  ];
  const near = suggestion(name, known);
  const hint =
    near === undefined ? `the last ones are ${[...new Set(known)].slice(0, 8).join(", ")}` : `did you mean "${near}"?`;
  return { path, message: `nothing is called "${name}"`, hint };
}
