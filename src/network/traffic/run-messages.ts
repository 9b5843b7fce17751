/**
 * Messages over a topology, each at its max-min fair rate among those that are on their way: when each arrives, what it
 * would have taken alone, and what the links carried.
 *
 *     completion = latency of its way + time until its last byte is sent
 *
 * Very many messages would be solved anew for each that comes or goes. So work is held to a budget: after a solution
 * over W links of paths, rates stay as they are for span x W / budget, where the span is what the fullest link needs
 * alone. A message is late by at most one such pause at its start and one for each change of its rate.
 * Ignores: what software adds to a message, queues, windows that have yet to open.
 */

import type { Bytes, Seconds } from "../../base/quantity.ts";
import { type Pause, type SharedPath, Sharing, Simulation } from "../../simulation/index.ts";
import type { Routes } from "../routing/index.ts";
import { pathLatency, type Topology } from "../topology/index.ts";
import { bindingPaths } from "./binding-links.ts";
import { addLoad } from "./loads.ts";
import { lonelyRate, type Message, type NoWay, pathsOf, type Step } from "./message.ts";

/** Links of paths that all solutions of a step may go over, more or less. */
const budget = 2e7;

export interface StepRun {
  readonly time: Seconds;
  /** By message: from its start until it has arrived, and the parts of that: its way, and its transfer were it alone. */
  readonly completion: Float64Array;
  readonly latency: Float64Array;
  readonly alone: Float64Array;
  /** Bytes by link. */
  readonly carried: Float64Array;
  /** Longest that rates were held; 0 where they were always solved at once. */
  readonly pause: Seconds;
}

/** Runs one step to its end. */
export function runStep(routes: Routes, messages: Step): StepRun | NoWay {
  const { topology } = routes;
  const paths = pathsOf(routes, messages);
  if ("from" in paths) return paths;
  const carried = new Float64Array(topology.ends.length);
  messages.forEach(({ size }, index) => {
    addLoad(carried, paths[index]!, size);
  });
  const binding = bindingPaths(topology, paths);
  const pauses = pausesOf(topology, messages, binding, carried);
  const ends = transferEnds(topology, messages, binding, pauses?.pause);
  const latency = Float64Array.from(paths, (path) => pathLatency(topology, path));
  const alone = Float64Array.from(messages, ({ size }, index) => transferTime(topology, paths[index]!, size));
  const completion = Float64Array.from(messages, ({ start }, index) => ends[index]! - start + latency[index]!);
  let time = 0;
  for (let index = 0; index < messages.length; index++) {
    time = Math.max(time, messages[index]!.start + completion[index]!);
  }
  return { time, completion, latency, alone, carried, pause: pauses?.longest() ?? 0 };
}

function transferTime(topology: Topology, path: SharedPath, size: Bytes): Seconds {
  const rate = lonelyRate(topology, path);
  return rate === Number.POSITIVE_INFINITY ? 0 : size / rate;
}

/** When the last byte of each is sent. */
function transferEnds(
  topology: Topology,
  messages: Step,
  paths: readonly SharedPath[],
  pause: Pause | undefined,
): Float64Array {
  const clock = new Simulation();
  const sharing = new Sharing(clock, topology.capacity, pause);
  const ends = new Float64Array(messages.length);
  messages.forEach(({ start, size }, index) => {
    const path = paths[index]!;
    const done = (): void => {
      ends[index] = clock.now();
    };
    clock.at(start, () => sharing.start({ path, size, done }), "arrive");
  });
  clock.run();
  if (sharing.flowCount > 0) throw new Error(`${sharing.flowCount} messages never ended`);
  return ends;
}

/** Pauses that hold the work to the budget; undefined where it is within it anyway. */
function pausesOf(
  topology: Topology,
  messages: readonly Message[],
  paths: readonly SharedPath[],
  carried: Float64Array,
): { readonly pause: Pause; longest(): Seconds } | undefined {
  let links = 0;
  for (const { resources } of paths) links += resources.length;
  if (2 * messages.length * links <= budget) return undefined;
  let span = 0;
  for (let link = 0; link < carried.length; link++) span = Math.max(span, carried[link]! / topology.capacity[link]!);
  for (const { start } of messages) span = Math.max(span, start);
  let longest = 0;
  const pause = (resources: number): Seconds => {
    const time = (span * resources) / budget;
    longest = Math.max(longest, time);
    return time;
  };
  return { pause, longest: () => longest };
}
