/**
 * The nodes of all ranks as one graph: a collective is one vertex for all its members, a send comes before its receive,
 * collectives of a group follow each other as its library runs them. Exchanges come in waves: those of one operation and
 * size that can run at the same time.
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
  /** Computation on the longest way to it, exchanges taking no time. */
  readonly computed: Seconds;
}

export interface Exchanges {
  /** Of one operation and size each, in an order that every dependency allows. */
  readonly waves: readonly (readonly Exchange[])[];
  /** Computation on the longest way through everything. */
  readonly computed: Seconds;
}

interface Vertex {
  readonly node: TraceNode;
  readonly members?: readonly number[];
  readonly seconds: Seconds;
  readonly next: number[];
  /** Vertices before it. */
  before: number;
  /** Exchanges on the longest way after it. */
  after: number;
  computed: Seconds;
}

/** @throws ProblemError where ranks wait for each other. */
export function exchangesOf(trace: Trace): Exchanges {
  const vertices = graphOf(trace);
  const order = inOrder(vertices);
  let computed = 0;
  for (const index of order) {
    const vertex = vertices[index] as Vertex;
    const end = vertex.computed + vertex.seconds;
    computed = Math.max(computed, end);
    for (const next of vertex.next)
      (vertices[next] as Vertex).computed = Math.max((vertices[next] as Vertex).computed, end);
  }
  for (const index of order.reverse()) {
    const vertex = vertices[index] as Vertex;
    for (const each of vertex.next) {
      const next = vertices[each] as Vertex;
      vertex.after = Math.max(vertex.after, next.after + (next.members === undefined ? 0 : 1));
    }
  }
  return { waves: wavesOf(vertices), computed };
}

/** Each vertex after those before it. */
function inOrder(vertices: readonly Vertex[]): number[] {
  const waits = vertices.map(({ before }) => before);
  const ready = waits.flatMap((count, index) => (count === 0 ? [index] : []));
  for (let at = 0; at < ready.length; at++) {
    for (const next of vertices[ready[at] ?? 0]?.next ?? []) if (--waits[next]! === 0) ready.push(next);
  }
  if (ready.length === vertices.length) return ready;
  const stuck = vertices.filter((_, index) => waits[index]! > 0);
  throw new ProblemError([deadlock(stuck)]);
}

/**
 * Of all exchanges that are ready, those with the longest way ahead go first, and all of their kind that are ready with
 * them: what nothing waits for is left until all of its kind are there.
 * @source hu-1961-scheduling
 */
function wavesOf(vertices: readonly Vertex[]): readonly (readonly Exchange[])[] {
  const waits = vertices.map(({ before }) => before);
  const ready = new Map<string, number[]>();
  // Kinds that became ready by the way ahead; what follows an exchange has a shorter one, so the list is walked once.
  const kinds: string[][] = [];
  const release = (first: number): void => {
    const stack = [first];
    for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
      const { members, node, after, next } = vertices[index] as Vertex;
      if (members === undefined) {
        for (const each of next) if (--waits[each]! === 0) stack.push(each);
        continue;
      }
      const kind = `${node.kind === "collective" ? node.operation : ""}|${node.bytes}`;
      const list = ready.get(kind);
      if (list === undefined) ready.set(kind, [index]);
      else list.push(index);
      kinds[after] ??= [];
      if (kinds[after].at(-1) !== kind) kinds[after].push(kind);
    }
  };
  vertices.forEach(({ before }, index) => {
    if (before === 0) release(index);
  });
  const waves: Exchange[][] = [];
  for (let after = kinds.length - 1; after >= 0; after--) {
    for (const kind of kinds[after] ?? []) {
      const list = (ready.get(kind) ?? []).sort((a, b) => a - b);
      ready.delete(kind);
      if (list.length === 0) continue;
      waves.push(list.map((index) => exchangeAt(vertices[index] as Vertex)));
      for (const index of list) {
        for (const next of vertices[index]?.next ?? []) if (--waits[next]! === 0) release(next);
      }
    }
  }
  return waves;
}

function exchangeAt({ node, members = [], computed }: Vertex): Exchange {
  return { node, members, computed };
}

function deadlock(stuck: readonly Vertex[]): Problem {
  const shared = stuck.filter(({ members }) => members !== undefined).slice(0, 3);
  const named = shared.map(({ node, members }) => `node ${node.id} "${node.name}" of ranks ${shown(members ?? [])}`);
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
      const earlier = node.dependsOn.map((id) => place.get(id));
      if (node.kind === "collective") {
        earlier.push(last.get(node.group ?? ""));
        last.set(node.group ?? "", at);
      }
      for (const from of new Set(earlier)) {
        if (from === undefined) continue;
        (vertices[from] as Vertex).next.push(at);
        (vertices[at] as Vertex).before++;
      }
    }
  }
  for (const [receive, key] of joinedTo) {
    const send = shared.get(key);
    if (send === undefined) continue;
    (vertices[send] as Vertex).next.push(receive);
    (vertices[receive] as Vertex).before++;
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
    const fresh = { node, seconds, next: [], before: 0, after: 0, computed: 0 };
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
