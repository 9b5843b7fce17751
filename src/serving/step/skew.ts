/**
 * How much of the way from the time at the mean context to the time at the largest a batch of uneven contexts takes,
 * from a fitted table over (chunk, decodes, share of long ones, largest context, cached before the chunk).
 *
 * A batch knows the mean and the largest of its contexts, not the smallest, hence not the share of long ones: the
 * entries of all shares are averaged, weighted by the samples they were fitted on.
 * @source llmservingsim-profiles
 */

export interface SkewTable {
  readonly fallback: number;
  readonly chunks: readonly number[];
  readonly shares: ReadonlyMap<string, number>;
}

const countBounds: readonly number[] = [2, 4, 8, 16, 32, 64, 128, 256];
const longestBounds: readonly number[] = [1024, 4096, 16384];
const cachedBounds: readonly number[] = [0, 512, 1024, 2048, 4096, 8192];

/** @param content text of `skew_fit.csv`; absent: the fallback everywhere. */
export function skewTableOf(content: string | undefined, fallback: number): SkewTable {
  const shares = new Map<string, number>();
  const weights = new Map<string, number>();
  const chunks = new Set<number>();
  const [head, ...lines] = (content ?? "").split(/\r?\n/);
  if (content !== undefined && !head?.startsWith("pc,n_label,skew_rate_label,kv_big_label,kp_label,alpha,n_samples")) {
    throw new Error("skew_fit.csv line 1: unknown columns");
  }
  for (const line of lines) {
    const [chunk, count, , longest, cached, share, samples] = line.split(",");
    if (chunk === undefined || count === undefined || longest === undefined || cached === undefined) continue;
    const key = `${chunk} ${bound(count)} ${bound(longest)} ${bound(cached)}`;
    const weight = Number(samples);
    const before = weights.get(key) ?? 0;
    shares.set(key, ((shares.get(key) ?? 0) * before + Number(share) * weight) / (before + weight));
    weights.set(key, before + weight);
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

/** The share for a batch: of its bucket at the nearest chunk, else the fallback. */
export function skewShare(table: SkewTable, chunk: number, count: number, longest: number, cached: number): number {
  if (table.shares.size === 0) return table.fallback;
  const key = `${nearest(table.chunks, chunk)} ${over(countBounds, count)} ${over(longestBounds, longest)} ${over(cachedBounds, cached)}`;
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
