/**
 * Max-min fair sharing of abstract resources: links of a network, the bandwidth of a store, a memory tier. Every flow
 * asks for all resources of its path at once, of each in a fixed proportion to its rate; its rate is weight x level, and
 * levels rise together until a resource is used up or a flow reaches its cap. A pattern whose parts move in step (a
 * ring, a message split over queue pairs) is one flow over the resources of all its parts.
 *
 * Water-filling by bottleneck: the resource with the least level
 *
 *     level = (capacity - what fixed flows use) / sum of weight x use of the flows that still rise
 *
 * stops its flows there; what they use is taken from their other resources, whose levels can only rise by that. So a
 * heap of resources needs no update when a level rises: a stale entry is put back when it comes up.
 * O((resources + sum of path lengths) log resources). Ignores: everything below the fluid (queues, packets, windows).
 * @source bertsekas-gallager-1992 section 6.5.2
 */

import { LevelHeap } from "./level-heap.ts";

/** Flows over resources, as arrays: [offsets[f], offsets[f + 1]) of `paths` are the resources of flow f. */
export interface SharedPaths {
  /** What each resource gives, in units per second; 0 stops its flows. */
  readonly capacity: Float64Array;
  readonly offsets: Int32Array;
  readonly paths: Int32Array;
  /** What one unit of the flow takes of paths[i]; absent: 1 of each. A resource may stand in a path several times. */
  readonly use?: Float64Array;
  /** Share of flow f beside others; absent: all 1. A class of n equal flows has weight n and gets the rate of all n. */
  readonly weight?: Float64Array;
  /** Most that flow f takes (the whole class); absent or Infinity: no limit. */
  readonly cap?: Float64Array;
}

/** Rate of each flow. A flow without resources runs at its cap, or at Infinity. */
export function fairRates(problem: SharedPaths): Float64Array {
  const state = begin(problem);
  const { heap, level } = state;
  const capped = flowsByCap(problem);
  let nextCap = 0;
  for (;;) {
    const resource = heap.least;
    const lowest = resource < 0 ? Number.POSITIVE_INFINITY : heap.leastLevel;
    while (nextCap < capped.length && state.rate[capped[nextCap]!]! >= 0) nextCap++;
    const flow = nextCap < capped.length ? capped[nextCap]! : -1;
    const limit = flow < 0 ? Number.POSITIVE_INFINITY : problem.cap![flow]! / weightOf(problem, flow);
    if (resource < 0 && flow < 0) break;
    if (limit <= lowest) {
      // A stale entry is never above its true level: a cap below it is below all.
      fix(state, problem, flow, problem.cap![flow]!);
      nextCap++;
      continue;
    }
    heap.pop();
    if (state.rising[resource]! <= 0) continue;
    const now = levelOf(state, resource);
    if (now > level[resource]! && now > lowest) {
      level[resource] = now;
      heap.push(resource, now);
      continue;
    }
    saturate(state, problem, resource, lowest);
  }
  return settled(state.rate);
}

interface Filling {
  readonly rate: Float64Array;
  /** What is left of each resource, and the weights and number of its flows that still rise. */
  readonly left: Float64Array;
  readonly active: Float64Array;
  readonly rising: Int32Array;
  /** Level under which a resource is in the heap. */
  readonly level: Float64Array;
  readonly heap: LevelHeap;
  /** Flows of each resource: [starts[r], starts[r + 1]) of `flows`. */
  readonly starts: Int32Array;
  readonly flows: Int32Array;
}

function begin(problem: SharedPaths): Filling {
  const { capacity, offsets, paths } = problem;
  const resources = capacity.length;
  const flows = offsets.length - 1;
  const rate = new Float64Array(flows).fill(-1);
  const active = new Float64Array(resources);
  const rising = new Int32Array(resources);
  for (let flow = 0; flow < flows; flow++) {
    const weight = weightOf(problem, flow);
    if (!(weight > 0)) throw new Error(`flow ${flow} has weight ${weight}`);
    for (let at = offsets[flow]!; at < offsets[flow + 1]!; at++) {
      active[paths[at]!]! += weight * useOf(problem, at);
      rising[paths[at]!]! += 1;
    }
  }
  const { starts, flows: users } = flowsByResource(problem, rising);
  const level = new Float64Array(resources);
  const heap = new LevelHeap(resources);
  const left = Float64Array.from(capacity);
  for (let resource = 0; resource < resources; resource++) {
    if (rising[resource] === 0) continue;
    level[resource] = left[resource]! / active[resource]!;
    heap.push(resource, level[resource]!);
  }
  return { rate, left, active, rising, level, heap, starts, flows: users };
}

function flowsByResource(
  { offsets, paths }: SharedPaths,
  counts: Int32Array,
): { readonly starts: Int32Array; readonly flows: Int32Array } {
  const starts = new Int32Array(counts.length + 1);
  for (let resource = 0; resource < counts.length; resource++) {
    starts[resource + 1] = starts[resource]! + counts[resource]!;
  }
  const next = starts.slice();
  const flows = new Int32Array(paths.length);
  for (let flow = 0; flow < offsets.length - 1; flow++) {
    for (let at = offsets[flow]!; at < offsets[flow + 1]!; at++) flows[next[paths[at]!]!++] = flow;
  }
  return { starts, flows };
}

/** Flows with a cap, the one that reaches it first in front. */
function flowsByCap(problem: SharedPaths): Int32Array {
  const { cap, offsets } = problem;
  if (cap === undefined) return new Int32Array(0);
  const capped: number[] = [];
  for (let flow = 0; flow < offsets.length - 1; flow++) if (cap[flow]! < Number.POSITIVE_INFINITY) capped.push(flow);
  const share = (flow: number): number => cap[flow]! / weightOf(problem, flow);
  return Int32Array.from(capped).sort((a, b) => share(a) - share(b) || a - b);
}

function weightOf({ weight }: SharedPaths, flow: number): number {
  return weight === undefined ? 1 : weight[flow]!;
}

function useOf({ use }: SharedPaths, at: number): number {
  return use === undefined ? 1 : use[at]!;
}

function levelOf({ left, active }: Filling, resource: number): number {
  return Math.max(0, left[resource]!) / active[resource]!;
}

/** Stops every flow that still rises on a resource. */
function saturate(state: Filling, problem: SharedPaths, resource: number, level: number): void {
  const { starts, flows, rate } = state;
  for (let at = starts[resource]!; at < starts[resource + 1]!; at++) {
    const flow = flows[at]!;
    if (rate[flow]! < 0) fix(state, problem, flow, level * weightOf(problem, flow));
  }
}

function fix({ rate, left, active, rising }: Filling, problem: SharedPaths, flow: number, value: number): void {
  const { offsets, paths } = problem;
  const weight = weightOf(problem, flow);
  rate[flow] = value;
  for (let at = offsets[flow]!; at < offsets[flow + 1]!; at++) {
    const resource = paths[at]!;
    const use = useOf(problem, at);
    left[resource]! -= value * use;
    active[resource]! -= weight * use;
    rising[resource]! -= 1;
  }
}

/** Flows that nothing stops. */
function settled(rate: Float64Array): Float64Array {
  for (let flow = 0; flow < rate.length; flow++) if (rate[flow]! < 0) rate[flow] = Number.POSITIVE_INFINITY;
  return rate;
}
