/**
 * The nodes of all ranks as one graph: a collective is one vertex for all its members, a send comes before its receive,
 * collectives of a group follow each other as its library runs them. Each exchange gets its level, the exchanges on the
 * longest way to it, and the computation on the longest way to it.
 */

import { type Problem, ProblemError } from "../../base/problem.ts";
import type { Seconds } from "../../base/quantity.ts";
import { transferKey } from "./check.ts";
import { runOrder } from "./order.ts";
import type { Trace, TraceNode } from "./trace.ts";

/** A collective, or a transfer where it is sent. */
export interface Exchange {
  readonly node: TraceNode;
  /** Members of a collective; sender and receiver. */
  readonly members: readonly number[];
  readonly level: number;
  /** Computation before it, exchanges counting nothing. */
  readonly computed: Seconds;
}

export interface Exchanges {
  /** By level. */
  readonly list: readonly Exchange[];
  /** Computation on the longest way through everything. */
  readonly computed: Seconds;
}

interface Vertex {
  readonly node: TraceNode;
  readonly members?: readonly number[];
  readonly seconds: Seconds;
  readonly next: number[];
  waits: number;
  level: number;
  computed: Seconds;
}

/** @throws ProblemError where ranks wait for each other. */
export function exchangesOf(trace: Trace): Exchanges {
  const vertices = graphOf(trace);
  const ready = vertices.flatMap(({ waits }, index) => (waits === 0 ? [index] : []));
  let computed = 0;
  for (let at = 0; at < ready.length; at++) {
    const vertex = vertices[ready[at] ?? 0] as Vertex;
    const end = vertex.computed + vertex.seconds;
    const level = vertex.level + (vertex.members === undefined ? 0 : 1);
    computed = Math.max(computed, end);
    for (const index of vertex.next) {
      const next = vertices[index] as Vertex;
      next.computed = Math.max(next.computed, end);
      next.level = Math.max(next.level, level);
      if (--next.waits === 0) ready.push(index);
    }
  }
  if (ready.length < vertices.length) throw new ProblemError([deadlock(vertices)]);
  const list = vertices.flatMap((vertex): Exchange[] => {
    const { node, members, level } = vertex;
    return members === undefined ? [] : [{ node, members, level, computed: vertex.computed }];
  });
  return { list: list.sort((a, b) => a.level - b.level), computed };
}

function deadlock(vertices: readonly Vertex[]): Problem {
  const stuck = vertices.filter(({ waits, members }) => waits > 0 && members !== undefined).slice(0, 3);
  const named = stuck.map(({ node, members }) => `node ${node.id} "${node.name}" of ranks ${shown(members ?? [])}`);
  return { path: "files", message: `ranks wait for each other for ever: ${named.join(", ")}` };
}

function shown(members: readonly number[]): string {
  return members.length > 4 ? `${members.slice(0, 4).join(", ")}, ...` : members.join(", ");
}

/** Vertices with their edges. */
function graphOf({ recorded, groups }: Trace): Vertex[] {
  const vertices: Vertex[] = [];
  const shared = new Map<string, number>();
  const known = new Set(recorded.map(({ rank }) => rank));
  const joinedTo: [receive: number, key: string][] = [];
  for (const { rank, nodes } of recorded) {
    const place = new Map<bigint, number>();
    const counts = new Map<string, number>();
    const last = new Map<string, number>();
    const numbered = (key: string): string => {
      const number = counts.get(key) ?? 0;
      counts.set(key, number + 1);
      return `${key}|${number}`;
    };
    for (const node of runOrder(nodes).nodes) {
      const at = vertexOf(node, { rank, vertices, shared, known, groups, numbered, joinedTo });
      place.set(node.id, at);
      const before = node.dependsOn.map((id) => place.get(id));
      if (node.kind === "collective") {
        before.push(last.get(node.group ?? ""));
        last.set(node.group ?? "", at);
      }
      for (const from of new Set(before)) {
        if (from === undefined) continue;
        (vertices[from] as Vertex).next.push(at);
        (vertices[at] as Vertex).waits++;
      }
    }
  }
  for (const [receive, key] of joinedTo) {
    const send = shared.get(key);
    if (send === undefined) continue;
    (vertices[send] as Vertex).next.push(receive);
    (vertices[receive] as Vertex).waits++;
  }
  return vertices;
}

interface Making {
  readonly rank: number;
  readonly vertices: Vertex[];
  /** Vertices that several nodes share or look for, by key. */
  readonly shared: Map<string, number>;
  readonly known: ReadonlySet<number>;
  readonly groups: Trace["groups"];
  readonly numbered: (key: string) => string;
  readonly joinedTo: [receive: number, key: string][];
}

/** The vertex of a node, an existing one for further members of a collective. */
function vertexOf(node: TraceNode, making: Making): number {
  const { rank, vertices, shared, known, groups, numbered, joinedTo } = making;
  const add = (members?: readonly number[]): number => {
    const seconds = members === undefined && node.kind !== "receive" ? (node.seconds ?? 0) : 0;
    const fresh = { node, seconds, next: [], waits: 0, level: 0, computed: 0 };
    return vertices.push(members === undefined ? fresh : { ...fresh, members }) - 1;
  };
  if (node.kind === "collective") {
    const key = `collective|${numbered(node.group ?? "")}`;
    const at = shared.get(key) ?? add(groups.get(node.group ?? "") ?? [rank]);
    shared.set(key, at);
    return at;
  }
  if (node.kind === "send") {
    const at = add([rank, node.peer ?? rank]);
    shared.set(numbered(transferKey(node, rank)), at);
    return at;
  }
  if (node.kind === "receive") {
    const peer = node.peer ?? rank;
    if (!known.has(peer)) return add([peer, rank]);
    const at = add();
    joinedTo.push([at, numbered(transferKey(node, rank))]);
    return at;
  }
  return add();
}
