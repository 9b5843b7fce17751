/**
 * How llm-d's endpoint picker knows what is cached: by events of the engines, or by prompts sent, of which it looks at
 * the first blocks and remembers some of each replica. Nothing tells the memory what engines evicted.
 * @source llm-d-router
 */

import { extent } from "./choice.ts";
import { LearntPrefixes } from "./learnt-prefixes.ts";
import type { Values } from "./parameter.ts";
import type { IncomingRequest, PrefixIndex, ReplicaView } from "./policy.ts";

/** Tokens of a block of the memory: 64 characters. */
const memoryBlockTokens = 16;

export const prefixParameters = {
  index: {
    kind: "choice",
    words: ["events", "routed"],
    default: "events",
    description: "What is cached where: by events of the engines (precise), or by what was sent there (estimated).",
  },
  memory: {
    kind: "count",
    default: 31_250,
    description: "Blocks of 16 tokens remembered of a replica, where prompts sent are the index.",
  },
  lookedAt: {
    kind: "count",
    default: 256,
    atLeast: 1,
    description: "Leading blocks of 16 tokens that are looked at, where prompts sent are the index.",
  },
} as const;

export type PrefixValues = Values<typeof prefixParameters>;

/** Matches of one request at a time. */
export class LlmdPrefixes {
  /** Leading tokens matched by replica, of the last look-up. */
  matchedTokens: Float64Array = new Float64Array(0);
  /** Weight of the match where tiers count differently, in tokens. */
  weightedTokens: Float64Array = new Float64Array(0);
  /** Tokens that a full match has. */
  whole = 0;
  private matched: Int32Array = new Int32Array(0);
  private readonly memory: LearntPrefixes;
  private readonly values: PrefixValues;
  private readonly index: PrefixIndex;

  constructor(values: PrefixValues, index: PrefixIndex) {
    this.values = values;
    this.index = index;
    this.memory = new LearntPrefixes({
      capacity: Number.POSITIVE_INFINITY,
      scope: "replica",
      lifetime: Number.POSITIVE_INFINITY,
      forgets: "first",
    });
  }

  lookUp(request: IncomingRequest, replicas: readonly ReplicaView[], now: number): void {
    if (this.matched.length < extent(replicas)) {
      this.matched = new Int32Array(extent(replicas));
      this.matchedTokens = new Float64Array(extent(replicas));
      this.weightedTokens = new Float64Array(extent(replicas));
    }
    const { chunks, chunkTokens, tokens } = request;
    const routed = this.values.index === "routed";
    this.whole = routed ? Math.min(tokens, this.values.lookedAt * memoryBlockTokens) : tokens;
    if (routed) {
      this.memory.resize(Math.floor((this.values.memory * memoryBlockTokens) / chunkTokens));
      this.memory.match(chunks, this.seen(request), now, this.matched);
    }
    for (const { index, ready } of replicas) {
      if (!ready) continue;
      const leading = routed ? (this.matched[index] ?? 0) : this.index.matched(index, chunks);
      const beyond = routed ? 0 : (this.index.matchedBeyond?.(index, chunks, "host") ?? 0);
      this.matchedTokens[index] = Math.min(this.whole, leading * chunkTokens);
      this.weightedTokens[index] = Math.min(this.whole, (leading + hostWeight * beyond) * chunkTokens);
    }
  }

  sent(request: IncomingRequest, replica: number, now: number): void {
    if (this.values.index === "routed" && replica >= 0) {
      this.memory.insert(replica, request.chunks, this.seen(request), now);
    }
  }

  reset(replica: number): void {
    this.memory.reset(replica);
  }

  /** Chunks that are looked at. */
  private seen({ chunks, chunkTokens }: IncomingRequest): number {
    return Math.min(chunks.length, Math.max(1, Math.floor((this.values.lookedAt * memoryBlockTokens) / chunkTokens)));
  }
}

/** Weight of a block in host memory; one on the accelerator weighs 1. */
const hostWeight = 0.8;
