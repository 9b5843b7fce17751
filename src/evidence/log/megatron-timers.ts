/**
 * Timers that Megatron prints below an iteration, per iteration, in milliseconds. Of several ranks the slowest counts:
 * it is the one that the step waits for.
 *
 *     (min, max) time across ranks (ms):
 *         forward-backward ...............................: (106622.81, 106624.28)
 *     times across ranks (ms):
 *       forward-backward:
 *          rank  0: 106622.81
 *     time (ms) | forward-compute: 53.79 | backward-compute: 138.84 | optimizer: 49.42
 */

import type { Seconds } from "../../base/quantity.ts";
import { units } from "./format.ts";

const header = /\btimes? across ranks \(ms\):\s*$/;
const oneLine = /\btime \(ms\) \|(.*)$/;
const paired = /^\s+([\w/-]+)\s*\.*:\s*\(\s*[\d.]+\s*,\s*([\d.]+)\s*\)\s*$/;
const single = /^\s+([\w/-]+)\s*\.+:\s*([\d.]+)\s*$/;
const named = /^\s+([\w/-]+):\s*$/;
const ranked = /^\s+rank\s+\d+:\s*([\d.]+)\s*$/;

/** Timers of the block that begins at this line; undefined where none does. */
export function readTimers(lines: readonly string[], index: number): Readonly<Record<string, Seconds>> | undefined {
  const line = lines[index] ?? "";
  const old = oneLine.exec(line)?.[1];
  if (old !== undefined) return fromOneLine(old);
  if (!header.test(line)) return undefined;
  const timers: Record<string, Seconds> = {};
  let open: string | undefined;
  for (let at = index + 1; at < lines.length; at++) {
    const below = lines[at] ?? "";
    const pair = paired.exec(below) ?? single.exec(below);
    const rank = ranked.exec(below);
    open = named.exec(below)?.[1] ?? (rank === null ? undefined : open);
    if (pair !== null) keepMost(timers, pair[1] ?? "", Number(pair[2]));
    else if (rank !== null && open !== undefined) keepMost(timers, open, Number(rank[1]));
    else if (open === undefined) break;
  }
  return Object.keys(timers).length === 0 ? undefined : timers;
}

function fromOneLine(text: string): Readonly<Record<string, Seconds>> | undefined {
  const timers: Record<string, Seconds> = {};
  for (const [, name, value] of text.matchAll(/([\w/-]+):\s*([\d.]+)/g)) keepMost(timers, name ?? "", Number(value));
  return Object.keys(timers).length === 0 ? undefined : timers;
}

function keepMost(timers: Record<string, Seconds>, name: string, milliseconds: number): void {
  const time: Seconds = milliseconds * units.milli;
  if (Number.isFinite(time)) timers[name] = Math.max(timers[name] ?? 0, time);
}
