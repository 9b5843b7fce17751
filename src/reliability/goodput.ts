/**
 * Wall time of a job that is interrupted at random and goes on from its last checkpoint, in closed form. Interruptions
 * come at rate l at any time but while the job is known to be down or waits to be found so. A segment is d of work and a
 * stall of w; its checkpoint is safe a further lag p after the stall (p = 0 where steps wait for the store). After an
 * interruption come the detection D and a restart R, which may be interrupted too. For exponential times this is exact:
 *
 *     run time of a segment      (e^(l (d + w)) - 1) e^(l p) / l
 *     interruptions of the run   n = l x run time
 *     restarting                 n (e^(l R) - 1) / l
 *     detecting                  n e^(l R) D
 *
 * whose sum, with D = 0 and p = 0, is Daly's M e^(R/M) (e^((d + w)/M) - 1). Of the run time d is work and w the stall;
 * the rest is done again. To first order the loss of an interruption is d/2 + p, and goodput that of the RSC study.
 *
 * Ignores: the part of a segment at the end, a rate that changes with age, checkpoints that turn out broken.
 * @source daly-2006 @source kokolis-2025-rsc
 */

import { exp } from "../base/math.ts";
import type { Seconds } from "../base/quantity.ts";

/** How a job saves its state and comes back. */
export interface CheckpointPlan {
  /** Interruptions of the job per second. */
  readonly rate: number;
  /** Work between two checkpoints. */
  readonly interval: Seconds;
  /** Steps stand still for one checkpoint. */
  readonly stall: Seconds;
  /** From the end of the stall until the checkpoint is safe; at most the interval. */
  readonly lag: Seconds;
  readonly detection: Seconds;
  /** From detection to the first step, loading included. */
  readonly restart: Seconds;
}

/** Where wall time goes for every second of work that counts. */
export interface WallShares {
  readonly stall: number;
  /** Work and stalls that are done again. */
  readonly lost: number;
  readonly detection: number;
  readonly restart: number;
  /** Seconds of wall time for one of work; infinite where the job never gets on. */
  readonly total: number;
  /** Interruptions per second of work. */
  readonly interruptions: number;
}

export function wallShares(plan: CheckpointPlan): WallShares {
  const { rate, interval, stall, lag, detection, restart } = plan;
  if (!(interval > 0 && rate >= 0 && stall >= 0 && lag >= 0 && detection >= 0 && restart >= 0)) {
    throw new RangeError(
      `a plan of rate ${rate}, interval ${interval}, stall ${stall}, lag ${lag}, restart ${restart}`,
    );
  }
  const run = ((interval + stall) * growth(rate * (interval + stall)) * exp(rate * lag)) / interval;
  const recoveries = rate * run;
  const interruptions = recoveries * exp(rate * restart);
  const shares = {
    stall: stall / interval,
    lost: run - 1 - stall / interval,
    detection: interruptions * detection,
    restart: recoveries * restart * growth(rate * restart),
  };
  const total = 1 + shares.stall + shares.lost + shares.detection + shares.restart;
  return { ...shares, total, interruptions };
}

/** (e^x - 1) / x, 1 at 0. */
export function growth(x: number): number {
  return Math.abs(x) < 1e-4 ? 1 + (x / 2) * (1 + x / 3) : (exp(x) - 1) / x;
}

/**
 * The first-order ratio of the RSC study, for small rates: u restart with detection, d interval, w stall.
 *
 *     E[ETTR] = (1 - l (u + d/2)) / (1 + w/d)
 *
 * @source kokolis-2025-rsc
 */
export function firstOrderGoodput({ rate, interval, stall, detection, restart }: CheckpointPlan): number {
  return (1 - rate * (detection + restart + interval / 2)) / (1 + stall / interval);
}

/**
 * The interval with the least wall time. It depends on rate and stall alone, and solves
 *
 *     1 - l d = e^(-l (d + w)),      d = sqrt(2 w / l) for small rates (Young)
 *
 * A checkpoint must be safe before the next begins, and there is at most one a step: `least` bounds it from below.
 * @source daly-2006 @source young-1974
 */
export function bestInterval({
  rate,
  stall,
  least,
}: {
  readonly rate: number;
  readonly stall: Seconds;
  readonly least: Seconds;
}): Seconds {
  if (!(rate > 0 && stall >= 0 && least >= 0)) throw new RangeError(`interval at rate ${rate}, stall ${stall}`);
  let [low, high] = [0, 1];
  for (let round = 0; round < bisections; round++) {
    const middle = (low + high) / 2;
    if (1 - middle > exp(-(middle + rate * stall))) low = middle;
    else high = middle;
  }
  return Math.max(high / rate, least);
}

const bisections = 60;
