/** What a trace holds, counted. */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { Trace, TraceNode } from "./trace.ts";

/** Exchanges of one operation, size and group size, each counted once however many ranks record it. */
export interface ExchangeRow {
  readonly operation: string;
  /** Of one of them, as nccl-tests counts it. */
  readonly size: Bytes;
  readonly groupSize: number;
  readonly groups: number;
  readonly count: number;
  readonly totalBytes: Bytes;
}

export interface TraceSummary {
  readonly ranks: number;
  readonly recorded: number;
  readonly nodes: number;
  readonly dependencies: number;
  /** Of the rank with most. */
  readonly compute: { readonly count: number; readonly time: Seconds; readonly untimed: number };
  readonly exchanges: readonly ExchangeRow[];
  readonly groups: readonly { readonly name: string; readonly size: number }[];
}

export function traceSummary(trace: Trace): TraceSummary {
  const all = trace.recorded.map(({ nodes }) => nodes);
  const compute = all.map(computeOf);
  return {
    ranks: trace.ranks,
    recorded: all.length,
    nodes: all.reduce((sum, nodes) => sum + nodes.length, 0),
    dependencies: all.reduce((sum, nodes) => sum + nodes.reduce((count, node) => count + node.dependsOn.length, 0), 0),
    compute: compute.reduce((most, next) => (next.time > most.time || next.count > most.count ? next : most), {
      count: 0,
      time: 0,
      untimed: 0,
    }),
    exchanges: exchangesOf(trace),
    groups: [...trace.groups].map(([name, members]) => ({ name, size: members.length })),
  };
}

function computeOf(nodes: readonly TraceNode[]): TraceSummary["compute"] {
  const found = nodes.filter(({ kind }) => kind === "compute");
  return {
    count: found.length,
    time: found.reduce((sum, { seconds = 0 }) => sum + seconds, 0),
    untimed: found.filter(({ seconds }) => seconds === undefined).length,
  };
}

interface Counted {
  readonly row: Pick<ExchangeRow, "operation" | "size" | "groupSize">;
  readonly groups: Set<string>;
  count: number;
}

/** A collective is counted on the first recorded rank of its group, a transfer where it is sent, or only received. */
function exchangesOf({ recorded, groups }: Trace): readonly ExchangeRow[] {
  const known = new Set(recorded.map(({ rank }) => rank));
  const heads = new Map([...groups].map(([name, members]) => [name, members.find((member) => known.has(member))]));
  const rows = new Map<string, Counted>();
  for (const { rank, nodes } of recorded) {
    for (const node of nodes) {
      const { kind, operation, group = "", peer = rank, bytes = 0 } = node;
      const collective = kind === "collective" && heads.get(group) === rank;
      const transfer = kind === "send" || (kind === "receive" && !known.has(peer));
      if (!collective && !transfer) continue;
      const groupSize = collective ? (groups.get(group)?.length ?? 1) : 2;
      const row = { operation: collective ? String(operation) : "send-receive", size: bytes, groupSize };
      const key = JSON.stringify(row);
      const entry = rows.get(key) ?? { row, groups: new Set<string>(), count: 0 };
      entry.groups.add(collective ? group : `${Math.min(rank, peer)}-${Math.max(rank, peer)}`);
      entry.count++;
      rows.set(key, entry);
    }
  }
  return [...rows.values()]
    .map(({ row, groups: users, count }) => ({ ...row, groups: users.size, count, totalBytes: count * row.size }))
    .sort((a, b) => b.totalBytes - a.totalBytes);
}
