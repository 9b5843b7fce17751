/**
 * How wide an interval must be, so that it holds what a source that nobody has seen yet measures.
 *
 *     range = weighted 2.5th and 97.5th percentile of predicted / measured over all values of the kind
 *     weight = nearness / sqrt(values of the source)
 *
 * Sources differ from each other by more than the runs of one source do, so a source counts with the root of its values,
 * not with their number. Runs on other hardware and of other models count too, though less, since few classes have
 * several sources. Percentiles of what was seen lie inside those of what was not: the range of 95 % of the seen is what
 * holds about 90 % of the unseen, which `leftOut` measures by leaving out one source at a time.
 *
 * Of a kind with fewer than three sources nobody knows how much sources differ: its range is widened, both ends squared
 * where there are two, and cubed where there is one.
 *
 * Ignores: that errors follow size, layout and load inside of a class.
 */

import { log, pow, sqrt } from "../base/math.ts";
import { mean, median } from "../base/statistics.ts";
import { accelerators } from "../catalog/index.ts";

/** One judged value: predicted over measured time, or measured over predicted rate. */
export interface Ratio {
  /** As predictions are judged: training-step, serving-rate, ... */
  readonly kind: string;
  readonly source: string;
  readonly generation: string;
  readonly architecture: string;
  readonly ratio: number;
}

/** What a range is asked for. */
export type RatioClass = Pick<Ratio, "generation" | "architecture">;

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Share of the seen values that a range holds, so that it holds nine of ten unseen ones. */
const seenLevel = 0.95;

/** How much wider ranges of one, two and more sources are, in the logarithm: three are the fewest that say how they differ. */
const widening = [3, 2, 1] as const;

/** How much more a value counts that is on hardware of the same maker, of the same generation, of the same class of model. */
const nearness = { maker: 10, generation: 8, architecture: 4 } as const;

const makers = new Map(accelerators.entries.map(({ generation, vendor }) => [generation as string, vendor]));

/** The range of a class, from all values of its kind. */
export function rangeOf(values: readonly Ratio[], { generation, architecture }: RatioClass): Range {
  const counts = new Map<string, number>();
  for (const { source } of values) counts.set(source, (counts.get(source) ?? 0) + 1);
  const maker = makers.get(generation);
  const weighted = values.map((value) => {
    const near =
      (maker !== undefined && makers.get(value.generation) === maker ? nearness.maker : 1) *
      (value.generation === generation ? nearness.generation : 1) *
      (value.architecture === architecture ? nearness.architecture : 1);
    return { ratio: value.ratio, weight: near / sqrt(counts.get(value.source) ?? 1) };
  });
  weighted.sort((a, b) => a.ratio - b.ratio);
  const tail = (1 - seenLevel) / 2;
  const widen = widening[Math.min(counts.size, widening.length) - 1] ?? 1;
  return {
    low: pow(weightedPercentile(weighted, tail), widen),
    high: pow(weightedPercentile(weighted, 1 - tail), widen),
  };
}

/** The smallest value that at least this share of the weight does not exceed; of values in ascending order. */
function weightedPercentile(
  sorted: readonly { readonly ratio: number; readonly weight: number }[],
  share: number,
): number {
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  let seen = 0;
  for (const { ratio, weight } of sorted) {
    seen += weight;
    if (seen >= share * total * (1 - 1e-12)) return ratio;
  }
  return sorted.at(-1)?.ratio ?? Number.NaN;
}

/** What became of values whose whole source was left out. */
export interface LeftOut {
  readonly kind: string;
  readonly values: number;
  readonly sources: number;
  /** Share of the values inside their interval, and the mean over sources of that share. */
  readonly covered: number;
  readonly coveredBySource: number;
  /** Medians over the values: half the interval over the prediction, and the size of the error. */
  readonly halfWidth: number;
  readonly error: number;
}

/** Fewest values of other sources that an interval is made of. */
const fewest = 5;

/** Coverage of one kind: each source is judged by a range that was made without it. */
export function leftOut(kind: string, values: readonly Ratio[]): LeftOut {
  const sources = [...new Set(values.map(({ source }) => source))];
  const judged = sources.flatMap((source) => judgedWithout(values, source));
  const shares = sources.flatMap((source) => {
    const own = judged.filter((value) => value.source === source);
    return own.length === 0 ? [] : [mean(own.map(({ inside }) => inside))];
  });
  return {
    kind,
    values: judged.length,
    sources: shares.length,
    covered: mean(judged.map(({ inside }) => inside)),
    coveredBySource: mean(shares),
    halfWidth: median(judged.map(({ halfWidth }) => halfWidth)),
    error: median(judged.map(({ error }) => error)),
  };
}

interface Judged {
  readonly source: string;
  readonly inside: number;
  readonly halfWidth: number;
  readonly error: number;
}

function judgedWithout(values: readonly Ratio[], source: string): readonly Judged[] {
  const others = values.filter((value) => value.source !== source);
  if (others.length < fewest) return [];
  const ranges = new Map<string, Range>();
  return values
    .filter((value) => value.source === source)
    .map((value) => {
      const key = `${value.generation} ${value.architecture}`;
      const range = ranges.get(key) ?? rangeOf(others, value);
      ranges.set(key, range);
      const { low, high } = range;
      return {
        source,
        inside: Number(value.ratio >= low && value.ratio <= high),
        // A rate lies between itself times both ends, a time between itself over both.
        halfWidth: value.kind === "serving-rate" ? (high - low) / 2 : (1 / low - 1 / high) / 2,
        error: Math.abs(log(value.ratio)),
      };
    });
}
