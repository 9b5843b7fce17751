/** An order in which the nodes of one rank can run: by id, but each after what it depends on. */

import type { TraceNode } from "./trace.ts";

export interface RunOrder {
  readonly nodes: readonly TraceNode[];
  /** Nodes that wait for each other, where some do; `nodes` then lacks them and what follows them. */
  readonly cycle: readonly TraceNode[];
}

/** Dependencies on nodes that are not there count for nothing. Depth first with a stack of its own: traces are deep. */
export function runOrder(nodes: readonly TraceNode[]): RunOrder {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const sorted = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const state = new Map<bigint, "open" | "done">();
  const ordered: TraceNode[] = [];
  for (const first of sorted) {
    if (state.has(first.id)) continue;
    const stack = [{ node: first, next: 0 }];
    state.set(first.id, "open");
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const id = top.node.dependsOn[top.next++];
      if (id === undefined) {
        ordered.push(top.node);
        state.set(top.node.id, "done");
        stack.pop();
        continue;
      }
      const node = byId.get(id);
      if (node === undefined || state.get(id) === "done") continue;
      if (state.get(id) === "open") {
        const from = stack.findIndex((entry) => entry.node.id === id);
        return { nodes: ordered, cycle: stack.slice(from).map((entry) => entry.node) };
      }
      state.set(id, "open");
      stack.push({ node, next: 0 });
    }
  }
  return { nodes: ordered, cycle: [] };
}
