/**
 * The phases of a replay in the words of `workload: { kind: traffic }`. A phase there cuts all accelerators of its job
 * regularly: groups that are only some of such a cut run in all of it, transfers as a shift of everybody. What fits no
 * cut is left out and named.
 */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import type { Replay, ReplayGroups, ReplayOperation, ReplayPhase } from "../../workload/chakra/index.ts";

/** What of a trace is otherwise in the scenario, or is not. */
export interface LostExchange {
  readonly what: string;
  readonly count: number;
  readonly reason: string;
}

export interface ReplayText {
  readonly phases: readonly Readonly<Record<string, unknown>>[];
  readonly lost: readonly LostExchange[];
}

/** Phases beyond which nobody reads a scenario; repeated ones are written once. */
const phasesMost = 10_000;

export function replayText({ phases, rounds }: Replay, ranks: number): ReplayText {
  const lost = new Map<string, { what: string; count: number; reason: string }>();
  const lose = (what: string, reason: string): void => {
    const entry = lost.get(what) ?? { what, count: 0, reason };
    entry.count += rounds;
    lost.set(what, entry);
  };
  const written: Readonly<Record<string, unknown>>[] = [];
  phases.forEach((phase, index) => {
    if (index >= phasesMost) return;
    if (phase.compute > 0) written.push({ compute: timeText(phase.compute) });
    const exchange = exchangeText(phase.exchange, ranks, lose);
    if (exchange !== undefined) written.push(exchange);
  });
  const beyond = phases.length - phasesMost;
  if (beyond > 0)
    lost.set("phases", { what: "phases", count: beyond, reason: `a scenario has the first ${phasesMost} of a trace` });
  return { phases: written, lost: [...lost.values()] };
}

type Lose = (what: string, reason: string) => void;

function exchangeText(
  exchange: ReplayPhase["exchange"],
  ranks: number,
  lose: Lose,
): Readonly<Record<string, unknown>> | undefined {
  if (exchange === undefined) return undefined;
  const { operation, size, groups } = exchange;
  if (operation === "send-receive") return transferText(groups, { size, ranks, lose });
  const cut = "size" in groups ? groups : cutAround(groups, ranks);
  if (cut === undefined) {
    lose(
      `${operation} in groups that cut no row of accelerators evenly`,
      "a phase cuts all accelerators of a job alike",
    );
    return undefined;
  }
  if (!("size" in groups)) {
    const all = ranks / cut.size;
    lose(`${operation} in some of ${all} groups`, `replayed in all ${all}: more traffic than the trace has`);
  }
  return collectiveText(operation, size, cut.size === ranks ? undefined : cut);
}

function collectiveText(
  collective: Exclude<ReplayOperation, "send-receive">,
  size: Bytes,
  groups: { readonly size: number; readonly stride: number } | undefined,
): Readonly<Record<string, unknown>> {
  const cut = groups?.stride === 1 ? { size: groups.size } : groups;
  return { collective, size: sizeText(size), ...(cut === undefined ? {} : { groups: cut }) };
}

/** The regular cut of all ranks that has all these groups. */
function cutAround(
  groups: readonly (readonly number[])[],
  ranks: number,
): { readonly size: number; readonly stride: number } | undefined {
  const [first = []] = groups;
  const size = first.length;
  const stride = (first[1] ?? 0) - (first[0] ?? 0);
  if (stride < 1 || ranks % (size * stride) !== 0) return undefined;
  const fits = groups.every((members) => {
    const start = members[0] ?? 0;
    if (members.length !== size || start % (size * stride) >= stride) return false;
    return members.every((rank, index) => rank === start + index * stride);
  });
  return fits ? { size, stride } : undefined;
}

/** Half of the ranks to the other half, block by block; else transfers over one distance as a shift of all ranks. */
function transferText(
  groups: ReplayGroups,
  { size, ranks, lose }: { readonly size: Bytes; readonly ranks: number; readonly lose: Lose },
): Readonly<Record<string, unknown>> | undefined {
  if ("size" in groups) {
    const block = 2 * groups.stride;
    return { pattern: "pairs", size: sizeText(size), ...(block === ranks ? {} : { groups: { size: block } }) };
  }
  const shifts = new Set(groups.map(([from = 0, to = 0]) => (to - from + ranks) % ranks));
  const [shift = 0] = shifts;
  if (shifts.size > 1 || shift === 0) {
    lose("transfers over several distances at once", "a phase shifts everybody by one distance");
    return undefined;
  }
  if (groups.length < ranks) {
    const reason = `replayed as a shift of all ${ranks}: more traffic than the trace has`;
    lose(`transfers of some of ${ranks} ranks`, reason);
  }
  return { pattern: "neighbour", size: sizeText(size), ...(shift === 1 ? {} : { shift }) };
}

/** Exact: what is read again is the same number. */
function sizeText(size: Bytes): string {
  return `${Math.round(size)} B`;
}

/** Whole nanoseconds, in the largest unit that shows them briefly. */
export function timeText(time: Seconds): string {
  const nanoseconds = Math.round(time * 1e9);
  if (nanoseconds % 1e6 === 0) return `${nanoseconds / 1e6} ms`;
  return nanoseconds % 1e3 === 0 ? `${nanoseconds / 1e3} us` : `${nanoseconds} ns`;
}
