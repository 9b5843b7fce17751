/**
 * What no fleet of a design is better than, without running it: targets that one request alone on an idle replica would
 * miss, and the replicas that the load takes if every iteration were the best one.
 *
 *     time per token   >= p i(1) / (1 + d)                       i(n) iteration of n sequences that generate, p stages,
 *     first token      >= sum over chunks of p i(chunk)          d drafted tokens
 *     replicas         >= max(decode tokens / max over n of n (1 + d) / i(n), prompt tokens / their best rate) / time of arrivals
 *
 * Iterations are those that the simulation asks for, at the contexts that the requests have before they generate.
 *
 * Ignores: queues, routing, the way to the client, cache that prompts share (then prompts count as one token), room in the
 * cache. More sequences are taken never to make an iteration shorter.
 */

import type { Seconds } from "../../base/quantity.ts";
import { percentileOfSorted } from "../../base/statistics.ts";
import { TimeSplitter } from "../../serving/engine/time-splitter.ts";
import { Batch } from "../../serving/step/batch.ts";
import type { RequestList } from "../../workload/request/list.ts";
import type { PoolDesign, ServingDesign, Target } from "./design.ts";
import { replicaSpec } from "./replica.ts";
import { servedRequests } from "./requests.ts";

export interface ServingFloor {
  /** Targets that are missed by every number of replicas. */
  readonly missed: readonly Target[];
  /** Replicas below which the load outgrows the fleet, however short the run; 0 where clients wait for answers. */
  readonly replicas: number;
}

/** Of a design with one pool. */
export function servingFloor(design: ServingDesign): ServingFloor {
  const [pool] = design.pools;
  if (pool === undefined) return { missed: [], replicas: 0 };
  const { list } = servedRequests(design);
  const floor = new Floor(pool, design, list);
  const missed = design.slo.filter((target) => target.className === undefined && floor.latency(target) > target.most);
  return { missed, replicas: floor.replicas() };
}

const quantiles = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;

class Floor {
  private readonly pool: PoolDesign;
  private readonly list: RequestList;
  private readonly time: TimeSplitter;
  private readonly batches: readonly Batch[];
  /** Tokens that an iteration gives a sequence at most. */
  private readonly gain: number;
  private readonly sorted: { readonly input: Float64Array; readonly output: Float64Array };

  constructor(pool: PoolDesign, design: ServingDesign, list: RequestList) {
    this.pool = pool;
    this.list = list;
    const { settings, step, host } = replicaSpec(pool, design);
    this.time = new TimeSplitter(step, host, settings.dataParallel, settings.hostOverlap);
    this.batches = Array.from({ length: settings.dataParallel }, () => new Batch());
    this.gain = 1 + (settings.speculation?.drafted ?? 0);
    const column = (values: Int32Array): Float64Array => Float64Array.from(values.subarray(0, list.count)).sort();
    this.sorted = { input: column(list.input), output: column(list.output) };
  }

  /** Least value of a latency over the requests. */
  latency({ metric, statistic }: Target): Seconds {
    const of = (values: Float64Array): number =>
      statistic === "mean" ? (values[0] ?? 1) : percentileOfSorted(values, quantiles[statistic]);
    const perToken = (this.pool.engine.pipeline * this.decode(1, this.sorted.input[0] ?? 1)) / this.gain;
    if (metric === "timeToFirstToken") return this.firstToken(of(this.sorted.input));
    // Drafted tokens come together: only the mean of their gaps is one iteration's.
    if (metric === "interTokenLatency" && this.gain > 1 && statistic !== "mean") return 0;
    if (metric === "endToEndLatency") return (of(this.sorted.output) - 1) * perToken;
    return perToken;
  }

  replicas(): number {
    const { release, count, concurrency, parents } = this.list;
    if (concurrency > 0 || parents.length >= count / 2 || count < 2) return 0;
    const first = release.subarray(0, count).reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
    const last = release.subarray(0, count).reduce((most, each) => Math.max(most, each), 0);
    const arrivals = ((last - first) * count) / (count - 1);
    if (arrivals <= 0) return 0;
    return Math.max(this.decodeWork(), this.promptWork()) / arrivals;
  }

  /** Least time of one replica for all tokens after the first. */
  private decodeWork(): Seconds {
    const { input, output, count } = this.list;
    let [tokens, context] = [0, 0];
    for (let row = 0; row < count; row++) {
      const further = (output[row] as number) - 1;
      tokens += further;
      context += further * (input[row] as number);
    }
    if (tokens === 0) return 0;
    const { maxSequences } = this.pool.engine;
    const each = this.sharesPrompts() ? 1 : context / tokens;
    let best = 0;
    for (const size of sizes(maxSequences)) {
      best = Math.max(best, (size * this.batches.length * this.gain) / this.decode(size, each));
    }
    return tokens / best;
  }

  /** Least time of one replica for all prompts. */
  private promptWork(): Seconds {
    if (this.sharesPrompts()) return 0;
    const { input, count } = this.list;
    const tokens = input.subarray(0, count).reduce((sum, each) => sum + each, 0);
    const mean = tokens / count;
    const most = Math.max(1, Math.floor(this.chunkMost() / mean));
    let best = 0;
    for (const size of sizes(most)) {
      const chunk = Math.min(mean, this.chunkMost());
      const time = this.prefill(size, chunk, (mean - chunk) / 2);
      best = Math.max(best, (size * this.batches.length * chunk) / time);
    }
    return tokens / best;
  }

  private firstToken(prompt: number): Seconds {
    let time = 0;
    let left = this.sharesPrompts() ? 1 : Math.max(1, Math.floor(prompt));
    for (let cached = 0; left > 0; ) {
      const chunk = Math.min(left, this.chunkMost());
      time += this.pool.engine.pipeline * this.prefillOfOne(chunk, cached);
      cached += chunk;
      left -= chunk;
    }
    return time;
  }

  private chunkMost(): number {
    const { chunkedPrefill, maxBatchedTokens, maxLength } = this.pool.engine;
    return chunkedPrefill === "on" ? maxBatchedTokens : Math.max(maxBatchedTokens, maxLength);
  }

  /** Whether prompts may find their beginning in the cache. */
  private sharesPrompts(): boolean {
    return this.pool.engine.prefixCaching === "on" && this.list.ids.length > 0;
  }

  /** A stage's iteration of so many sequences on each rank. */
  private decode(sequences: number, context: number): Seconds {
    for (const batch of this.batches) {
      batch.clear();
      for (let each = 0; each < sequences; each++) batch.addDecode(this.gain, Math.floor(context));
      batch.sampled = sequences * this.gain;
    }
    return this.time.whole(this.batches, sequences * this.batches.length);
  }

  /** The same of so many chunks of prompts. */
  private prefill(prompts: number, chunk: number, cached: number): Seconds {
    for (const batch of this.batches) {
      batch.clear();
      for (let each = 0; each < prompts; each++) batch.addPrefill(Math.floor(chunk), Math.floor(cached));
    }
    return this.time.whole(this.batches, prompts * this.batches.length);
  }

  private prefillOfOne(chunk: number, cached: number): Seconds {
    for (const batch of this.batches) batch.clear();
    this.batches[0]?.addPrefill(chunk, cached);
    return this.time.whole(this.batches, 1);
  }
}

/** 1, 2, 4, ... and the largest. */
function sizes(most: number): readonly number[] {
  const found = [most];
  for (let size = 1; size < most; size *= 2) found.push(size);
  return found;
}
