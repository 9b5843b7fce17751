/**
 * A trace as phases that a whole job runs one after another: it computes, then exchanges. Exchanges of one wave, in
 * groups that share no rank, are one phase. So what a trace overlaps runs one after another,
 * and faster ranks wait for the slowest before every exchange: an upper bound of what its dependencies allow.
 */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import { type Exchange, exchangesOf } from "./instances.ts";
import type { Trace, TraceOperation } from "./trace.ts";

export type ReplayOperation =
  | "all-reduce"
  | "all-gather"
  | "reduce-scatter"
  | "all-to-all"
  | "broadcast"
  | "send-receive";

export interface ReplayPhase {
  /** Before the exchange. */
  readonly compute: Seconds;
  readonly exchange?: {
    readonly operation: ReplayOperation;
    readonly size: Bytes;
    readonly groups: ReplayGroups;
  };
}

/** All ranks cut regularly, or the ranks of each group; the others are idle. */
export type ReplayGroups = { readonly size: number; readonly stride: number } | readonly (readonly number[])[];

export interface Replay {
  readonly phases: readonly ReplayPhase[];
  /** Times that the phases are repeated. */
  readonly rounds: number;
  /** Exchanges that are not in the phases, or in another form. */
  readonly lost: readonly { readonly what: string; readonly count: number; readonly reason: string }[];
}

const replayed: Readonly<Record<TraceOperation, ReplayOperation | { readonly left: string }>> = {
  "all-reduce": "all-reduce",
  "all-gather": "all-gather",
  "reduce-scatter": "reduce-scatter",
  "all-to-all": "all-to-all",
  broadcast: "broadcast",
  reduce: "broadcast",
  gather: { left: "no phase gathers to one rank" },
  scatter: { left: "no phase scatters from one rank" },
  barrier: { left: "it moves nothing; phases wait for each other anyway" },
};

/** @throws ProblemError where ranks wait for each other. */
export function replayOf(trace: Trace): Replay {
  const { waves, computed } = exchangesOf(trace);
  const lost = new Map<string, { what: string; count: number; reason: string }>();
  const lose = (what: string, reason: string): void => {
    const entry = lost.get(what) ?? { what, count: 0, reason };
    entry.count++;
    lost.set(what, entry);
  };
  const phases: ReplayPhase[] = [];
  let done: Seconds = 0;
  for (const wave of waves) {
    const until = wave.reduce((latest, exchange) => Math.max(latest, exchange.computed), done);
    const turns = turnsOf(wave, trace.ranks, lose);
    turns.forEach((exchange, index) => {
      phases.push({ compute: index === 0 ? whole(until - done) : 0, exchange });
    });
    if (turns.length > 0) done = until;
  }
  if (whole(computed - done) > 0) phases.push({ compute: whole(computed - done) });
  return { ...folded(phases), lost: [...lost.values()] };
}

/** Whole nanoseconds: traces have microseconds, and sums of them must not differ by a rounding. */
function whole(time: Seconds): Seconds {
  return Math.round(time * 1e9) / 1e9;
}

type Lose = (what: string, reason: string) => void;

/** Exchanges of one wave: one phase, more where groups share ranks. */
function turnsOf(
  wave: readonly Exchange[],
  ranks: number,
  lose: Lose,
): readonly NonNullable<ReplayPhase["exchange"]>[] {
  const members: (readonly number[])[] = [];
  const size = wave[0]?.node.bytes ?? 0;
  let operation: ReplayOperation | undefined;
  for (const exchange of wave) {
    operation = operationOf(exchange.node, lose);
    if (operation === undefined) continue;
    if (exchange.members.length < 2) lose(`${operation} in groups of one rank`, "there is nobody to exchange with");
    else if (size === 0) lose(`${operation} of 0 bytes`, "it moves nothing");
    else members.push(exchange.members);
  }
  if (operation === undefined) return [];
  const all = operation;
  return disjoint(members, all).map((groups) => ({ operation: all, size, groups: regular(groups, ranks) ?? groups }));
}

function operationOf({ kind, operation }: Exchange["node"], lose: Lose): ReplayOperation | undefined {
  if (kind !== "collective") return "send-receive";
  if (operation === undefined) return undefined;
  const found = replayed[operation];
  if (typeof found === "object") {
    lose(operation, found.left);
    return undefined;
  }
  if (found !== operation) lose(operation, `replayed as ${found} of the same size: the same bytes, the other way`);
  return found;
}

/**
 * Groups dealt to turns, so that nobody is in two at once. A rank may send and receive in one turn, but each only once.
 */
function disjoint(
  groups: readonly (readonly number[])[],
  operation: ReplayOperation,
): readonly (readonly (readonly number[])[])[] {
  const next = new Map<string, number>();
  const turns: (readonly number[])[][] = [];
  for (const members of groups) {
    const roles = members.map((rank, index) => (operation === "send-receive" ? `${index} ${rank}` : String(rank)));
    const turn = roles.reduce((most, role) => Math.max(most, next.get(role) ?? 0), 0);
    for (const role of roles) next.set(role, turn + 1);
    const list = turns[turn];
    if (list === undefined) turns[turn] = [members];
    else list.push(members);
  }
  return turns;
}

/** The regular cut that gives exactly these groups of all ranks, in any order. */
function regular(groups: readonly (readonly number[])[], ranks: number): { size: number; stride: number } | undefined {
  const first = groups[0] ?? [];
  const size = first.length;
  const stride = (first[1] ?? 0) - (first[0] ?? 0);
  if (stride < 1 || size * groups.length !== ranks || ranks % (size * stride) !== 0) return undefined;
  const fits = groups.every((members) => {
    const start = members[0] ?? 0;
    return start % (size * stride) < stride && members.every((rank, index) => rank === start + index * stride);
  });
  return fits ? { size, stride } : undefined;
}

/** Phases that repeat as a whole are written once. */
function folded(phases: readonly ReplayPhase[]): Pick<Replay, "phases" | "rounds"> {
  const words = phases.map((phase) => JSON.stringify(phase));
  const period = periodOf(words);
  return { phases: phases.slice(0, period), rounds: period === 0 ? 1 : phases.length / period };
}

/** Shortest beginning of which the whole is a repetition: by the longest border. @source knuth-1977-matching */
function periodOf(words: readonly string[]): number {
  const borders = new Int32Array(words.length);
  for (let at = 1, border = 0; at < words.length; at++) {
    while (border > 0 && words[at] !== words[border]) border = borders[border - 1] ?? 0;
    if (words[at] === words[border]) border++;
    borders[at] = border;
  }
  const period = words.length - (borders.at(-1) ?? 0);
  return period > 0 && words.length % period === 0 ? period : words.length;
}
