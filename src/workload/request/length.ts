/** Draws of lengths in tokens, and of pauses. Ignores: any tie between the prompt's length and the output's. */

import { log } from "../../base/math.ts";
import type { Seconds } from "../../base/quantity.ts";
import type { RandomStream } from "../../base/random.ts";
import type { LengthLaw, SessionLaw } from "./spec.ts";

export type Draw = (stream: RandomStream) => number;

/** A law as a function of a stream: whole tokens, at least 1 unless the law says otherwise. */
export function lengthDraw(law: LengthLaw): Draw {
  const { least = 1, most = largest } = law;
  if (!(least >= 0 && most >= least)) throw new Error(`lengths from ${least} to ${most}`);
  const raw = rawDraw(law);
  return (stream) => Math.min(Math.max(Math.round(raw(stream)), least), most);
}

/** What a column of lengths can hold. */
const largest = 2 ** 31 - 1;

function rawDraw(law: LengthLaw): Draw {
  switch (law.kind) {
    case "constant":
      return () => law.value;
    case "uniform": {
      const width = law.to - law.from + 1;
      if (!(width >= 1)) throw new Error(`uniform lengths from ${law.from} to ${law.to}`);
      return (stream) => law.from + Math.floor(width * stream.uniform());
    }
    case "normal":
      return (stream) => stream.normal(law.mean, law.deviation);
    case "lognormal": {
      if (!(law.median > 0)) throw new Error(`log-normal lengths of median ${law.median}`);
      const mu = log(law.median);
      return (stream) => stream.lognormal(mu, law.sigma);
    }
    case "exponential":
      return (stream) => stream.exponential(law.mean);
    case "values":
      return valuesDraw(law.values, law.weights);
  }
}

/** One of the values: each as likely as its weight, all alike without weights. */
function valuesDraw(values: ArrayLike<number>, weights: ArrayLike<number> | undefined): Draw {
  const count = values.length;
  if (count === 0) throw new Error("no lengths to draw from");
  if (weights === undefined) return (stream) => values[Math.floor(count * stream.uniform())] as number;
  const choose = weightedChoice(weights);
  if (weights.length !== count) throw new Error(`${count} lengths with ${weights.length} weights`);
  return (stream) => values[choose(stream)] as number;
}

/** An index, each as likely as its weight; weights need not add up to 1. */
export function weightedChoice(weights: ArrayLike<number>): Draw {
  const upTo = new Float64Array(weights.length);
  let total = 0;
  for (let index = 0; index < weights.length; index++) {
    const weight = weights[index] as number;
    if (!(weight >= 0)) throw new Error(`weight ${weight}`);
    total += weight;
    upTo[index] = total;
  }
  if (!(total > 0 && total < Number.POSITIVE_INFINITY)) throw new Error(`weights that add up to ${total}`);
  return (stream) => {
    const at = total * stream.uniform();
    let low = 0;
    let high = upTo.length - 1;
    // The first index whose sum exceeds the draw; what has no weight is never it.
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((upTo[middle] as number) > at) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

/** Pauses between turns, or think times of users. */
export function pauseDraw(pause: SessionLaw["pause"]): (stream: RandomStream) => Seconds {
  const { law, mean, sigma } = pause;
  if (!(mean >= 0 && mean < Number.POSITIVE_INFINITY)) throw new Error(`pauses of mean ${mean} s`);
  if (mean === 0 || law === "constant") return () => mean;
  if (law === "exponential") return (stream) => stream.exponential(mean);
  if (sigma === undefined || !(sigma >= 0)) throw new Error(`log-normal pauses of sigma ${sigma}`);
  // The mean of a log-normal is e^(mu + sigma^2 / 2).
  const mu = log(mean) - 0.5 * sigma * sigma;
  return (stream) => stream.lognormal(mu, sigma);
}
