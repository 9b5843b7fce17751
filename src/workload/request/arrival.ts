/**
 * Times of arrival in an open loop. Gaps are drawn with mean 1 and laid along the integral of the rate, so that another
 * rate moves the same arrivals closer together, and a stage's end cuts no gap short.
 *
 *     N(t) = integral of rate from 0 to t;   arrival k is at the t where N(t) is the sum of the first k gaps
 *
 * For Poisson this is the inhomogeneous process exactly. Ignores: gaps that depend on each other (see ServeGen's
 * clients for burstiness over minutes); renewal laws start with a whole gap.
 */

import { exp, log, pow } from "../../base/math.ts";
import type { Seconds } from "../../base/quantity.ts";
import type { RandomStream } from "../../base/random.ts";
import type { ArrivalLaw, Stage } from "./spec.ts";

/** One stream of arrivals; `next` answers Infinity once the stages are over. */
export class Arrivals {
  private readonly gap: (stream: RandomStream) => number;
  private readonly stream: RandomStream;
  private readonly stages: readonly Stage[];
  private stage = 0;
  private stageStart = 0;
  /** Arrivals that the stages before this one hold, and where the next arrival stands among all. */
  private before = 0;
  private position = 0;
  private atStart = true;
  private readonly firstAtOnce: boolean;

  constructor(law: ArrivalLaw, stages: readonly Stage[], stream: RandomStream) {
    for (const { rate, duration } of stages) {
      if (!(rate >= 0 && rate < Number.POSITIVE_INFINITY) || !(duration >= 0)) {
        throw new Error(`a stage of ${rate} requests/s for ${duration} s`);
      }
    }
    this.gap = unitGaps(law);
    this.stages = stages;
    this.stream = stream;
    // Even spacing starts at once: a stage then holds rate x duration requests exactly.
    this.firstAtOnce = law.kind === "constant" || law.kind === "burst";
  }

  next(): Seconds {
    const gap = this.gap(this.stream);
    if (!this.atStart || !this.firstAtOnce) this.position += gap;
    this.atStart = false;
    for (;;) {
      const stage = this.stages[this.stage];
      if (stage === undefined) return Number.POSITIVE_INFINITY;
      const holds = stage.rate === 0 ? 0 : stage.rate * stage.duration;
      // 0.1 /s for 600 s is a little more than 60 in binary; the stage must still hold 60 even gaps.
      if (this.position < this.before + holds * (1 - 1e-12)) {
        return this.stageStart + Math.max(this.position - this.before, 0) / stage.rate;
      }
      this.before += holds;
      this.stageStart += stage.duration;
      this.stage += 1;
    }
  }
}

/** Gaps of mean 1 after a law. */
export function unitGaps(law: ArrivalLaw): (stream: RandomStream) => number {
  switch (law.kind) {
    case "poisson":
      return (stream) => stream.exponential(1);
    case "constant":
      return () => 1;
    case "gamma":
      return gammaGaps(law.cv);
    case "weibull":
      return weibullGaps(law.cv);
    case "burst":
      return burstGaps(law.size);
  }
}

/** Gamma of mean 1: shape 1 / cv^2. */
function gammaGaps(cv: number): (stream: RandomStream) => number {
  if (!(cv >= 0)) throw new Error(`gamma gaps of cv ${cv}`);
  if (cv === 0) return () => 1;
  const scale = cv * cv;
  return (stream) => stream.gamma(1 / scale, scale);
}

function weibullGaps(cv: number): (stream: RandomStream) => number {
  if (!(cv >= 0)) throw new Error(`weibull gaps of cv ${cv}`);
  if (cv === 0) return () => 1;
  const shape = weibullShape(cv);
  const scale = exp(-logGamma(1 + 1 / shape));
  return (stream) => weibull(stream, shape, scale);
}

/** One Weibull value, by the inverse of its distribution. */
export function weibull(stream: RandomStream, shape: number, scale: number): number {
  return scale * pow(-log(1 - stream.uniform()), 1 / shape);
}

/** `size` arrivals at one moment, then a gap of as many means. */
function burstGaps(size: number): (stream: RandomStream) => number {
  if (!(Number.isInteger(size) && size >= 1)) throw new Error(`a burst of ${size} requests`);
  let inBurst = 0;
  return () => {
    inBurst += 1;
    // Called once before every arrival: the first of each burst comes `size` means after the burst before.
    if (inBurst <= size && inBurst > 1) return 0;
    inBurst = 1;
    return size;
  };
}

/**
 * Shape k of the Weibull law of a coefficient of variation.
 *
 *     cv^2 = G(1 + 2/k) / G(1 + 1/k)^2 - 1
 *
 * cv falls as k grows; halving finds k to the last bits between 0.05 (cv 3.7e5) and 2000 (cv 6e-4).
 * @source johnson-1994 chapter 21
 */
export function weibullShape(cv: number): number {
  let low = log(0.05);
  let high = log(2000);
  for (let step = 0; step < 60; step++) {
    const middle = 0.5 * (low + high);
    if (weibullVariation(exp(middle)) > cv) low = middle;
    else high = middle;
  }
  return exp(0.5 * (low + high));
}

/** Coefficient of variation of the Weibull law of a shape. */
function weibullVariation(shape: number): number {
  return Math.sqrt(exp(logGamma(1 + 2 / shape) - 2 * logGamma(1 + 1 / shape)) - 1);
}

/**
 * log G(x) for x > 0: Stirling's series, after x is raised to where its rest is below 1e-16.
 *
 *     log G(x) = (x - 1/2) log x - x + log(2 pi) / 2 + 1/(12 x) - 1/(360 x^3) + 1/(1260 x^5) - 1/(1680 x^7) + ...
 * @source nist-dlmf 5.11.1
 */
export function logGamma(x: number): number {
  let raised = x;
  let product = 1;
  while (raised < 12) {
    product *= raised;
    raised += 1;
  }
  const inverse = 1 / raised;
  const square = inverse * inverse;
  const tail = 1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188))));
  return (raised - 0.5) * log(raised) - raised + 0.5 * log(2 * Math.PI) + inverse * tail - log(product);
}
