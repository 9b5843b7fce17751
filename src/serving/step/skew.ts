/**
 * How much of the way from the time at the mean context to the time at the largest a batch of uneven contexts takes,
 * from a fitted table over (chunk, decodes, skew rate, largest context, cached before the chunk). The skew rate is where
 * the mean lies between the smallest and the largest context.
 * @source llmservingsim-profiles
 */

export interface SkewTable {
  readonly fallback: number;
  readonly chunks: readonly number[];
  /** By chunk and the upper bounds of the other four. */
  readonly shares: ReadonlyMap<string, number>;
}

const countBounds: readonly number[] = [2, 4, 8, 16, 32, 64, 128, 256];
const rateBounds: readonly number[] = [5, 15, 40, 70];
const longestBounds: readonly number[] = [1024, 4096, 16384];
const cachedBounds: readonly number[] = [0, 512, 1024, 2048, 4096, 8192];

/** @param content text of `skew_fit.csv`; absent: the fallback everywhere. */
export function skewTableOf(content: string | undefined, fallback: number): SkewTable {
  const shares = new Map<string, number>();
  const chunks = new Set<number>();
  const [head, ...lines] = (content ?? "").split(/\r?\n/);
  if (content !== undefined && !head?.startsWith("pc,n_label,skew_rate_label,kv_big_label,kp_label,alpha,n_samples")) {
    throw new Error("skew_fit.csv line 1: unknown columns");
  }
  for (const line of lines) {
    const [chunk, count, rate, longest, cached, share] = line.split(",");
    if (!chunk || !count || !rate || !longest || !cached) continue;
    shares.set(`${chunk} ${bound(count)} ${bound(rate)} ${bound(longest)} ${bound(cached)}`, Number(share));
    chunks.add(Number(chunk));
  }
  return { fallback, chunks: [...chunks].sort((a, b) => a - b), shares };
}

/** Upper bound that a label such as `n<=128`, `kvB<=4k`, `kp=0` or `sr>70%` names. */
function bound(label: string): number {
  const [, sign, digits, kilo] = /(<=|=|>)(\d+)(k?)/.exec(label) ?? [];
  if (digits === undefined) throw new Error(`skew_fit.csv: unknown label "${label}"`);
  return sign === ">" ? Number.POSITIVE_INFINITY : Number(digits) * (kilo === "k" ? 2 ** 10 : 1);
}

/** What the share depends on: a chunk after `cached` tokens, and the contexts of `count` decodes. */
export interface Uneven {
  readonly chunk: number;
  readonly cached: number;
  readonly count: number;
  readonly mean: number;
  readonly smallest: number;
  readonly longest: number;
}

/** The share for a batch: of its bucket at the nearest chunk, else the fallback. */
export function skewShare(table: SkewTable, { chunk, cached, count, mean, smallest, longest }: Uneven): number {
  if (table.shares.size === 0) return table.fallback;
  const rate = over(rateBounds, (100 * (mean - smallest)) / (longest - smallest));
  const spread = `${over(countBounds, count)} ${rate} ${over(longestBounds, longest)}`;
  const key = `${nearest(table.chunks, chunk)} ${spread} ${over(cachedBounds, cached)}`;
  return table.shares.get(key) ?? table.fallback;
}

function over(bounds: readonly number[], value: number): number {
  for (const bound of bounds) if (value <= bound) return bound;
  return Number.POSITIVE_INFINITY;
}

function nearest(values: readonly number[], wanted: number): number {
  let best = values[0] as number;
  for (const value of values) if (Math.abs(value - wanted) < Math.abs(best - wanted)) best = value;
  return best;
}
