/**
 * The interactivity frontier of a serving design: throughput of an accelerator against speed for a user, over how many
 * requests are under way at once.
 *
 * A closed loop: so many requests at once, the next when one is answered, ten times as many in all, with the lengths,
 * prefixes and sessions of the scenario; filling and emptying the fleet are in the figures, as they are where such
 * points are measured. Turns of a trace's sessions come on top of the limit. Ignores: arrivals, autoscaling, failures and admission of the scenario.
 */

import type { RequestList } from "../../workload/request/list.ts";
import { firstRequests } from "../../workload/request/list.ts";
import type { Point } from "../prediction.ts";
import { predictServingDesign } from "./assemble.ts";
import type { ServingDesign } from "./design.ts";
import { servedRequests } from "./requests.ts";

/** Requests in all for each that is under way. */
const rounds = 10;
/** A trace may end earlier; with fewer rounds than this there is no point. */
const roundsLeast = 4;
/** More under way is not tried once it brought less than this twice. */
const gainLeast = 0.01;

/** Points at 1, 2, 4, ... requests under way until more bring nothing; those that no other beats are marked. */
export function servingFrontier(design: ServingDesign): readonly Point[] {
  const { autoscaler: _, ...fixed } = design;
  const steady: ServingDesign = {
    ...fixed,
    failures: { kind: "listed", list: [] },
    admission: { policy: "always", options: {} },
  };
  const most = steady.pools.reduce((sum, { replicas, engine }) => sum + replicas * engine.maxSequences, 0);
  const points: Point[] = [];
  let [best, without] = [0, 0];
  for (let concurrency = 1; concurrency <= most && without < 2; concurrency *= 2) {
    const point = pointAt(steady, concurrency);
    if (point === undefined) break;
    points.push(point);
    const found = point.metrics.outputTokensPerSecond ?? 0;
    without = found > best * (1 + gainLeast) ? 0 : without + 1;
    best = Math.max(best, found);
  }
  return points.map((point) => ({ ...point, pareto: points.every((other) => !beats(other, point)) }));
}

/** One closed loop; nothing where the engine does not start, or a trace has too few requests. */
function pointAt(design: ServingDesign, concurrency: number): Point | undefined {
  const list = loopOf(design, concurrency);
  if (list.count < Math.max(1, roundsLeast * concurrency)) return undefined;
  const requests = { source: "trace", file: "", format: "", list, skipped: 0 } as const;
  const { feasible, metrics } = predictServingDesign({ ...design, requests });
  if (!feasible) return undefined;
  const pace = metrics["timePerOutputToken.mean"];
  // Answers of one token have no pace.
  const user = pace === undefined || pace <= 0 ? {} : { outputTokensPerSecondPerUser: 1 / pace };
  return { at: { concurrency }, metrics: { ...metrics, ...user } };
}

/** The requests of a design in a closed loop. */
function loopOf(design: ServingDesign, concurrency: number): RequestList {
  const { requests } = design;
  if (requests.source === "described") {
    const { spec } = requests;
    // Turns of a session follow each other: a user has one session after the other.
    const arrival =
      spec.session === undefined
        ? ({ kind: "batch", concurrency } as const)
        : ({ kind: "users", users: concurrency, think: spec.session.pause } as const);
    return servedRequests({
      ...design,
      requests: { source: "described", spec: { ...spec, arrival, count: rounds * concurrency } },
    }).list;
  }
  const list = firstRequests(requests.list, rounds * concurrency);
  const release = list.release.map((time, row) => {
    // Pauses of sessions and tools stay.
    return list.parentStart[row] === list.parentStart[row + 1] ? 0 : time;
  });
  return { ...list, release, concurrency };
}

/** Whether a point is better in throughput or pace and not worse in the other. */
function beats(one: Point, other: Point): boolean {
  const [throughput, pace] = [difference(one, other, "outputTokensPerSecondPerAccelerator"), paceOf(one, other)];
  return throughput >= 0 && pace >= 0 && throughput + pace > 0;
}

function paceOf(one: Point, other: Point): number {
  return difference(one, other, "outputTokensPerSecondPerUser");
}

function difference(one: Point, other: Point, metric: string): number {
  return (one.metrics[metric] ?? 0) - (other.metrics[metric] ?? 0);
}
