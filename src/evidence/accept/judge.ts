/** A run against its prediction: each size passes or fails. */

import { log } from "../../base/math.ts";
import type { Bytes, BytesPerSecond, Seconds } from "../../base/quantity.ts";
import { expectedTime } from "../../catalog/accuracy/collectives.ts";
import type { CollectiveTime } from "../../network/index.ts";
import { domainsOf, healthyTime, type Question } from "./question.ts";

export interface SizeVerdict {
  readonly size: Bytes;
  readonly verdict: "pass" | "fail";
  /** `wrong values`: elements came out wrong, however fast. */
  readonly reason?: "too slow" | "wrong values";
  readonly measured: { readonly time: Seconds; readonly busBandwidth: BytesPerSecond };
  readonly predicted: { readonly time: Seconds; readonly busBandwidth: BytesPerSecond };
  /** Bus bandwidth that agrees with the prediction; the lower edge is the threshold unless a tolerance is given. */
  readonly interval: readonly [low: BytesPerSecond, high: BytesPerSecond];
  /** Least bus bandwidth that passes. */
  readonly threshold: BytesPerSecond;
  /** measured / predicted bus bandwidth. */
  readonly share: number;
  readonly algorithm: string;
  readonly trust: CollectiveTime["basis"];
  /** How far a time may be off, as ln(slowest / predicted). */
  readonly width: number;
  readonly line: number;
}

export interface JudgeOptions {
  /** Part of the predicted bus bandwidth that may be missing; absent: the interval decides. */
  readonly tolerance?: number;
}

/** By ascending size. */
export function judge(question: Question, { tolerance }: JudgeOptions = {}): SizeVerdict[] {
  const { run, platform } = question;
  const link = platform.scaleUp.topology === "pcie" ? "pcie" : "nvlink";
  const factor = run.program.factor(run.ranks);
  return run.points.map(({ size, time, busBandwidth, wrong, line }): SizeVerdict => {
    const found = healthyTime(question, size);
    const { slowest, fastest } = expectedTime(found.time, { size, domains: domainsOf(question), link });
    const bus = (seconds: Seconds): BytesPerSecond => (size / seconds) * factor;
    const predicted = bus(found.time);
    const interval = [bus(slowest), bus(fastest)] as const;
    const threshold = tolerance === undefined ? interval[0] : predicted * (1 - tolerance);
    const slow = busBandwidth < threshold;
    return {
      size,
      verdict: slow || wrong > 0 ? "fail" : "pass",
      ...(wrong > 0 ? { reason: "wrong values" as const } : slow ? { reason: "too slow" as const } : {}),
      measured: { time, busBandwidth },
      predicted: { time: found.time, busBandwidth: predicted },
      interval,
      threshold,
      share: busBandwidth / predicted,
      algorithm: found.algorithm,
      trust: found.basis,
      width: log(slowest / found.time),
      line,
    };
  });
}
