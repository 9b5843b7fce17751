/** A traffic pattern as written, with its options filled in and its groups cut. */

import { formatQuantity } from "../../base/quantity.ts";
import {
  type GroupShape,
  groupsFit,
  groupsOf,
  type PatternKey,
  type PatternOptions,
  type TrafficPattern,
  trafficPatterns,
} from "../../network/index.ts";
import type { PatternText } from "../schema/traffic.ts";
import type { PatternDesign } from "../traffic/design.ts";
import { given, type Notes, problem } from "./notes.ts";

/** Most messages that a run takes one by one, and most of a step that moves as one. */
const messagesMost = { free: 1_000_000, "in-step": 4_200_000 } as const;

export interface PatternContext {
  readonly path: string;
  readonly members: readonly number[];
  /** Rounds that a pattern which is drawn anew is run. */
  readonly rounds: number;
}

/** Nothing where a problem stands in its way. */
export function resolvePattern(written: PatternText, context: PatternContext, notes: Notes): PatternDesign | undefined {
  const { path, members } = context;
  const pattern = trafficPatterns.find(written.pattern ?? "");
  if (pattern === undefined) return undefined;
  const groups = resolveGroups(written.groups, { path, members }, notes);
  if (written.size === undefined) {
    problem(notes, `${path}.size`, "missing; expected the size of a message", "e.g. size: 64 MiB");
  }
  uselessOptions(written, pattern, { path }, notes);
  const each = groups?.[0]?.length;
  if (groups === undefined || each === undefined || written.size === undefined) return undefined;
  const options = optionsOf(written, pattern, { path, each }, notes);
  const found = pattern.problems(each, options);
  for (const { key, message, hint } of found) problem(notes, `${path}.${placeOf(key)}`, message, hint);
  if (found.length > 0 || tooMany(pattern, { ...context, each, groups: groups.length, options }, notes))
    return undefined;
  return { pattern: pattern.name, options, groups, size: written.size };
}

/** Accelerators cut into groups; one group where none are asked for. */
export function resolveGroups(
  written: Partial<GroupShape> | undefined,
  { path, members }: Pick<PatternContext, "path" | "members">,
  notes: Notes,
): readonly (readonly number[])[] | undefined {
  if (written === undefined) return [members];
  const shape = { size: written.size ?? members.length, stride: written.stride ?? 1 };
  if (groupsFit(members.length, shape)) return groupsOf(members, shape);
  const { size, stride } = shape;
  const message = `${members.length} accelerators are no whole blocks of ${size} x ${stride}`;
  problem(notes, `${path}.groups`, message, "size x stride must divide the number of accelerators");
  return undefined;
}

const optionKeys: readonly PatternKey[] = ["shift", "fanIn", "targets", "grid", "boundary"];

function placeOf(key: PatternKey | "endpoints"): string {
  return key === "endpoints" ? "pattern" : key;
}

function uselessOptions(
  written: PatternText,
  pattern: TrafficPattern,
  { path }: { readonly path: string },
  notes: Notes,
): void {
  const read = Object.keys(pattern.defaults(64));
  for (const key of optionKeys) {
    if (written[key] === undefined || read.includes(key)) continue;
    problem(notes, `${path}.${key}`, `has no effect with pattern: ${pattern.name}`, "remove it");
  }
}

/** Options with every default written down. */
function optionsOf(
  written: PatternText,
  pattern: TrafficPattern,
  { path, each }: { readonly path: string; readonly each: number },
  notes: Notes,
): PatternOptions {
  const usual = pattern.defaults(each);
  const note = (key: PatternKey, reason: string): { readonly reason: string; readonly at: string } => ({
    reason,
    at: `${path}.${key}`,
  });
  const take = <Value extends string | number>(key: "shift" | "fanIn" | "targets" | "boundary", reason: string) => {
    const fallback = usual[key] as Value | undefined;
    if (fallback === undefined) return {};
    return { [key]: given(notes, note(key, reason).at, written[key] as Value | undefined, fallback, reason) };
  };
  if (usual.grid !== undefined && written.grid === undefined) {
    const reason = "not given; as near to a square or cube as the number divides";
    notes.assumptions.push({ path: `${path}.grid`, value: `[${usual.grid.join(", ")}]`, reason });
  }
  return {
    ...take("shift", "not given; the next one"),
    ...take("fanIn", "not given; all but the receiver"),
    ...take("targets", "not given; one in eight"),
    ...(usual.grid === undefined ? {} : { grid: written.grid ?? usual.grid }),
    ...take("boundary", "not given; the last of a row is beside the first"),
  };
}

function tooMany(
  pattern: TrafficPattern,
  run: PatternContext & { readonly each: number; readonly groups: number; readonly options: PatternOptions },
  notes: Notes,
): boolean {
  const drawn = pattern.rounds === "drawn" ? run.rounds : 1;
  const messages = drawn * run.groups * pattern.count(run.each, run.options);
  const most = messagesMost[pattern.pace];
  if (messages <= most) return false;
  const shown = (count: number): string => formatQuantity(count, "count");
  const hint = drawn > 1 ? "fewer rounds, or fewer accelerators" : "smaller groups, or fewer accelerators";
  problem(notes, `${run.path}.pattern`, `${shown(messages)} messages; at most ${shown(most)} are run`, hint);
  return true;
}
