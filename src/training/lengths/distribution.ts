/** Drawing lengths. One uniform number a sequence (a normal with a log-normal), so that scenarios that differ in lengths draw alike. */

import { exp, log, pow } from "../../base/math.ts";
import type { Tokens } from "../../base/quantity.ts";
import type { RandomStream } from "../../base/random.ts";
import type { LengthDistribution } from "./lengths.ts";

/** Deviations between the median and the 99th percentile of a normal. */
const deviationsTo99 = 2.3263478740408408;

/** The same for the 99.9th. */
const deviationsTo999 = 3.090232306167813;

/** One length of the distribution, at least one token. */
export function drawLength(
  distribution: LengthDistribution,
  stream: RandomStream,
  uniform: () => number = () => stream.uniform(),
): Tokens {
  switch (distribution.kind) {
    case "samples": {
      const { lengths } = distribution;
      return lengths[Math.min(lengths.length - 1, Math.floor(uniform() * lengths.length))] ?? 1;
    }
    case "histogram":
      return inBin(distribution.bins, uniform());
    case "lognormal": {
      const { median, p99 } = distribution;
      return Math.max(1, Math.round(stream.lognormal(log(median), log(p99 / median) / deviationsTo99)));
    }
  }
}

/** The bin by the cumulative share, the length by what is left of the number. */
function inBin(bins: Extract<LengthDistribution, { kind: "histogram" }>["bins"], uniform: number): Tokens {
  let below = 0;
  let shortest = 0;
  for (const { upTo, share } of bins) {
    if (uniform < below + share) return shortest + 1 + Math.floor(((uniform - below) / share) * (upTo - shortest));
    below += share;
    shortest = upTo;
  }
  return shortest;
}

/** Mean of min(length, most): what a sequence adds to a row of that size, to rounding. */
export function meanWithin(distribution: LengthDistribution, most: Tokens): Tokens {
  switch (distribution.kind) {
    case "samples": {
      const { lengths } = distribution;
      return lengths.reduce((sum, length) => sum + Math.min(length, most), 0) / lengths.length;
    }
    case "histogram": {
      let mean = 0;
      let shortest = 0;
      for (const { upTo, share } of distribution.bins) {
        const end = Math.min(Math.max(most, shortest), upTo);
        const within = ((end - shortest) * (shortest + 1 + end)) / 2;
        mean += (share * (within + (upTo - end) * most)) / (upTo - shortest);
        shortest = upTo;
      }
      return mean;
    }
    case "lognormal": {
      const deviation = log(distribution.p99 / distribution.median) / deviationsTo99;
      let [sum, weights] = [0, 0];
      for (let z = -8; z <= 8; z += 1 / 64) {
        const weight = exp((-z * z) / 2);
        sum += weight * Math.min(most, Math.max(1, distribution.median * exp(deviation * z)));
        weights += weight;
      }
      return sum / weights;
    }
  }
}

/** The longest length of a distribution; a log-normal has none, its 99.9th percentile is given. */
export function longestLength(distribution: LengthDistribution): Tokens {
  switch (distribution.kind) {
    case "samples":
      return distribution.lengths.reduce((most, length) => Math.max(most, length), 1);
    case "histogram":
      return distribution.bins.at(-1)?.upTo ?? 1;
    case "lognormal":
      return Math.round(
        distribution.p99 * pow(distribution.p99 / distribution.median, deviationsTo999 / deviationsTo99 - 1),
      );
  }
}
