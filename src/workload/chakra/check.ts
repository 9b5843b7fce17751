/**
 * Whether a trace can have happened: dependencies that exist and lead nowhere back, members that are there, collectives
 * that all members of a group run in the same order, transfers with both ends.
 */

import type { Problem } from "../../base/problem.ts";
import { runOrder } from "./order.ts";
import type { Trace, TraceNode } from "./trace.ts";

/** Of one kind and file. */
const problemsMost = 5;

/** Problems of one rank by itself. */
export function checkRank(file: string, nodes: readonly TraceNode[]): readonly Problem[] {
  const ids = new Set<bigint>();
  const twice = nodes.filter(({ id }) => ids.has(id) || !ids.add(id));
  const problem = (node: TraceNode, message: string): Problem => ({ path: file, message: `${named(node)} ${message}` });
  const dangling = nodes.flatMap((node) =>
    node.dependsOn.filter((id) => !ids.has(id)).map((id) => problem(node, `depends on node ${id}, which is not there`)),
  );
  const { cycle } = runOrder(nodes);
  const first = cycle[0];
  const around = first === undefined ? [] : [problem(first, `waits for itself, by way of ${way(cycle)}`)];
  return [
    ...twice.slice(0, problemsMost).map((node) => problem(node, "has the id of another node")),
    ...dangling.slice(0, problemsMost),
    ...around,
  ];
}

function named({ id, name }: TraceNode): string {
  return `node ${id} "${name}"`;
}

function way(cycle: readonly TraceNode[]): string {
  const shown = cycle.slice(1, 1 + problemsMost).map(({ id }) => `node ${id}`);
  if (shown.length === 0) return "nothing else";
  return `${shown.join(", ")}${cycle.length > shown.length + 1 ? ", ..." : ""}`;
}

/** Problems of the ranks against each other. */
export function checkTogether(trace: Trace): readonly Problem[] {
  const members = checkGroups(trace);
  return members.length > 0 ? members : [...checkCollectives(trace), ...checkTransfers(trace)];
}

function checkGroups({ ranks, recorded, groups }: Trace): Problem[] {
  const problems: Problem[] = [];
  const sets = new Map([...groups].map(([group, members]) => [group, new Set(members)]));
  for (const [group, members] of groups) {
    const missing = members.find((member) => member >= ranks);
    if (missing !== undefined) {
      const hint = "give the files of all ranks, or say how many there are: --set ranks=64";
      problems.push({ path: `group "${group}"`, message: `it names rank ${missing}, of ${ranks} ranks`, hint });
    }
    if (sets.get(group)?.size !== members.length)
      problems.push({ path: `group "${group}"`, message: "it names a rank twice" });
  }
  for (const { rank, nodes } of recorded) {
    const stray = nodes.find(({ kind, group }) => kind === "collective" && sets.get(group ?? "")?.has(rank) === false);
    if (stray === undefined) continue;
    const message = `${named(stray)} runs in group "${stray.group}", which does not name this rank`;
    problems.push({ path: `rank ${rank}`, message });
  }
  return problems.slice(0, problemsMost);
}

/** Collectives of one rank by group, in the order in which they run. */
export function collectivesByGroup(nodes: readonly TraceNode[]): ReadonlyMap<string, readonly TraceNode[]> {
  const found = new Map<string, TraceNode[]>();
  for (const node of runOrder(nodes).nodes) {
    if (node.kind !== "collective" || node.group === undefined) continue;
    const list = found.get(node.group);
    if (list === undefined) found.set(node.group, [node]);
    else list.push(node);
  }
  return found;
}

/** The k-th collective of a group is the same one on all its ranks. */
function checkCollectives({ recorded, groups }: Trace): Problem[] {
  const problems: Problem[] = [];
  const byRank = new Map(recorded.map(({ rank, nodes }) => [rank, collectivesByGroup(nodes)]));
  for (const [group, members] of groups) {
    let first: GroupRun | undefined;
    for (const rank of members) {
      const found = byRank.get(rank);
      if (found === undefined) continue;
      const run = { rank, nodes: found.get(group) ?? [] };
      const message = first === undefined ? undefined : unlike(run, first);
      if (message !== undefined) problems.push({ path: `group "${group}"`, message });
      if (problems.length >= problemsMost) return problems;
      first ??= run;
    }
  }
  return problems;
}

/** Collectives of a group on one of its ranks. */
interface GroupRun {
  readonly rank: number;
  readonly nodes: readonly TraceNode[];
}

function unlike({ rank, nodes }: GroupRun, other: GroupRun): string | undefined {
  const at = nodes.findIndex((node, index) => {
    const twin = other.nodes[index];
    return twin !== undefined && twin.operation !== node.operation;
  });
  const [here, there] = [nodes[at], other.nodes[at]];
  if (here !== undefined && there !== undefined) {
    const place = `as collective ${at + 1} (node ${here.id})`;
    return `rank ${rank} runs ${here.operation} ${place}, rank ${other.rank} ${there.operation} (node ${there.id})`;
  }
  if (nodes.length === other.nodes.length) return undefined;
  const counts = `rank ${rank} runs ${nodes.length} collectives, rank ${other.rank} ${other.nodes.length}`;
  return `${counts}: the job would wait for ever`;
}

/** Every transfer has another end, where the rank at it is recorded. */
function checkTransfers({ ranks, recorded }: Trace): Problem[] {
  const open = new Map<string, { count: number; readonly node: TraceNode; readonly rank: number }>();
  const known = new Set(recorded.map(({ rank }) => rank));
  const problems: Problem[] = [];
  for (const { rank, nodes } of recorded) {
    for (const node of nodes) {
      if ((node.kind !== "send" && node.kind !== "receive") || node.peer === undefined) continue;
      if (node.peer >= ranks || node.peer === rank) {
        const message = `${named(node)} ${node.kind}s ${node.kind === "send" ? "to" : "from"} rank ${node.peer}`;
        problems.push({ path: `rank ${rank}`, message: `${message}, of ${ranks} ranks` });
      } else if (known.has(node.peer)) {
        const key = transferKey(node, rank);
        const entry = open.get(key) ?? { count: 0, node, rank };
        entry.count += node.kind === "send" ? 1 : -1;
        open.set(key, entry);
      }
    }
  }
  for (const { count, node, rank } of open.values()) {
    if (count === 0) continue;
    const missing = count > 0 ? `${count} sends that nobody receives` : `${-count} receives that nobody sends`;
    problems.push({
      path: `rank ${rank}`,
      message: `${named(node)} and its peer, rank ${node.peer}, leave ${missing}`,
    });
  }
  return problems.slice(0, problemsMost);
}

/** What joins a send with its receive: both ends and the tag. */
export function transferKey({ kind, peer = 0, tag = 0 }: TraceNode, rank: number): string {
  return kind === "send" ? `${rank}>${peer}#${tag}` : `${peer}>${rank}#${tag}`;
}
