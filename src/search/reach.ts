/**
 * What would have to be true: the factor on one amount at which a metric reaches a target. The curve is looked at by
 * doublings and halvings around today's amount, and halved further where it crosses the target.
 *
 * Ignores: what happens between two neighbouring stops of the scan; a curve that crosses twice there is seen as flat.
 */

import { exp, log, pow } from "../base/math.ts";

/** A metric at a factor on the amount; undefined where there is no such design, or no such metric. */
export type Curve = (factor: number) => number | undefined;

export interface ReachOptions {
  readonly target: number;
  /** Doublings looked at on either side. */
  readonly doublings: number;
  /** Factors nearer than this are the same. */
  readonly within: number;
  /** Changes of the metric smaller than this share of it are chance or rounding. */
  readonly noise: number;
}

export interface Stop {
  readonly factor: number;
  readonly value: number;
}

/**
 * reached: at `at`, the nearest to today of all `crossings`. unreachable: `nearest` comes closest, `end` is the value at the
 * end of the side that comes closer. no-effect: the amount does not move the metric.
 */
export interface Reach {
  readonly status: "reached" | "unreachable" | "no-effect";
  readonly at?: Stop;
  /** Factors at which the curve crosses the target: more than one where it turns. */
  readonly crossings: readonly number[];
  /** The curve goes one way only, so far as it was looked at. */
  readonly course: "rises" | "falls" | "flat" | "turns";
  readonly nearest: Stop;
  /** The last doubling or halving towards the target moves the metric by less than a hundredth: it is an asymptote. */
  readonly limit?: Stop;
}

/** @throws Error where today's amount gives no value. */
export function reach(curve: Curve, options: ReachOptions): Reach {
  const stops = scanned(curve, options.doublings);
  const today = stops.find(({ factor }) => factor === 1);
  if (today === undefined) throw new Error("the metric has no value today");
  const course = courseOf(stops, options.noise);
  const nearest = nearestOf(stops, options.target);
  const crossed = stops.slice(1).flatMap((stop, index) => {
    const before = stops[index] as Stop;
    return crosses(before.value, stop.value, options.target) ? [halved(curve, [before, stop], options)] : [];
  });
  const [first] = [...crossed].sort((a, b) => Math.abs(log(a.factor)) - Math.abs(log(b.factor)));
  if (first !== undefined && course !== "flat") {
    return { status: "reached", at: first, crossings: crossed.map(({ factor }) => factor), course, nearest: first };
  }
  if (course === "flat") return { status: "no-effect", crossings: [], course, nearest: today };
  const limit = limitOf(stops, nearest);
  return { status: "unreachable", crossings: [], course, nearest, ...(limit === undefined ? {} : { limit }) };
}

function scanned(curve: Curve, doublings: number): readonly Stop[] {
  const stops: Stop[] = [];
  for (let power = -doublings; power <= doublings; power++) {
    const factor = pow(2, power);
    const value = curve(factor);
    if (value !== undefined && Number.isFinite(value)) stops.push({ factor, value });
  }
  return stops;
}

function courseOf(stops: readonly Stop[], noise: number): Reach["course"] {
  let rises = false;
  let falls = false;
  let turn = stops[0]?.value ?? 0;
  for (const { value } of stops) {
    if (Math.abs(value - turn) <= noise * Math.abs(turn)) continue;
    if (value > turn) rises = true;
    else falls = true;
    turn = value;
  }
  if (rises && falls) return "turns";
  return rises ? "rises" : falls ? "falls" : "flat";
}

function crosses(before: number, after: number, target: number): boolean {
  return before !== after && (before - target) * (after - target) <= 0 && before !== target;
}

/** The factor between two stops, on the side of the one that is beyond the target when seen from today. */
function halved(curve: Curve, [before, after]: readonly [Stop, Stop], { target, within }: ReachOptions): Stop {
  // The nearer stop to today has not reached the target, the further one has.
  const outwards = before.factor >= 1;
  let [short, reached] = outwards ? [before, after] : [after, before];
  while (Math.abs(log(reached.factor / short.factor)) > log(1 + within)) {
    const factor = exp((log(short.factor) + log(reached.factor)) / 2);
    const value = curve(factor);
    if (value === undefined) break;
    const same = (value - target) * (reached.value - target) > 0 || value === target;
    if (same) reached = { factor, value };
    else short = { factor, value };
  }
  return reached;
}

function nearestOf(stops: readonly Stop[], target: number): Stop {
  const gap = ({ value }: Stop): number => Math.abs(value - target);
  const order = [...stops].sort((a, b) => gap(a) - gap(b) || Math.abs(log(a.factor)) - Math.abs(log(b.factor)));
  return order[0] as Stop;
}

const asymptoteShare = 0.01;

/** The end of the scan that the nearest stop lies towards, where the curve has gone flat. */
function limitOf(stops: readonly Stop[], nearest: Stop): Stop | undefined {
  const ends = nearest.factor >= 1 ? stops.slice(-2) : stops.slice(0, 2).reverse();
  const [last, end] = ends;
  if (last === undefined || end === undefined) return undefined;
  return Math.abs(end.value - last.value) <= asymptoteShare * Math.abs(end.value) ? end : undefined;
}
