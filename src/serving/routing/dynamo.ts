/**
 * Dynamo's KV router: least cost in cache blocks, of prompts to compute and of blocks that decoding keeps busy.
 *
 *     raw    = (active prefill tokens + prompt tokens) / block
 *     credit = overlap credit x decay x blocks on the device + host x blocks in host memory + disk x blocks on disk
 *              + shared x blocks of a shared cache beyond the device's
 *     decay  = 1 / (1 + credit decay x (active prefill - least active prefill) / block / request blocks)
 *     logit  = prefill scale x max(0, raw - credit) + decode blocks with this request + request weight x active requests
 *
 * The router keeps the loads itself: a request's uncached tokens are active prefill until its first token, its blocks
 * (shared ones once) decode blocks until it ends. While every replica has more active prefill than the threshold, the
 * request is held, and enters the books only when it is sent. Held requests leave in the order of the fleet's queue
 * (Dynamo's default, first come first served).
 * @source dynamo-kv-router
 */

import { exp } from "../../base/math.ts";
import type { RandomStream } from "../../base/random.ts";
import { ActiveChunks, Books } from "./books.ts";
import { cheapest, extent } from "./choice.ts";
import { type RoutingEntry, routingEntry } from "./entry.ts";
import { LearntPrefixes } from "./learnt-prefixes.ts";
import type { Values } from "./parameter.ts";
import type { IncomingRequest, PrefixIndex, ReplicaView, RoutingContext, RoutingPolicy } from "./policy.ts";

const parameters = {
  index: {
    kind: "choice",
    words: ["events", "routed"],
    default: "events",
    description: "What is cached where: by events of the engines, or by what was sent there.",
  },
  overlapCredit: { kind: "ratio", default: 1, atMost: 1, description: "Credit of a block cached on the device." },
  creditDecay: { kind: "number", default: 0, description: "How fast the credit fades with the replica's backlog." },
  hostCredit: { kind: "ratio", default: 0.75, description: "Credit of a block cached in host memory." },
  diskCredit: { kind: "ratio", default: 0.25, description: "Credit of a block cached on disk." },
  sharedCredit: { kind: "ratio", default: 0, description: "Credit of a block in a cache that all replicas share." },
  prefillScale: { kind: "number", default: 1, description: "Weight of prompt blocks against decode blocks." },
  requestWeight: { kind: "number", default: 0, description: "Cost in blocks of each active request." },
  temperature: { kind: "number", default: 0, description: "0 takes the least cost; above, by chance around it." },
  lifetime: { kind: "duration", default: 120, above: 0, description: "How long a prompt sent is taken as cached." },
  queueThreshold: {
    kind: "number",
    default: 16,
    description:
      "Hold while all replicas have more active prefill than this multiple of a batch. Infinity never holds.",
  },
} as const;

export const dynamo: RoutingEntry = routingEntry({
  name: "dynamo",
  summary: "Dynamo's KV router: prompt blocks to compute plus blocks decoding, by its own books.",
  sources: ["dynamo-kv-router"],
  parameters,
  holds: "when-busy",
  spread: "even",
  create: (values, context) => new Dynamo(values, context),
});

/** What a logit is made of, all in blocks. */
export interface DynamoLoad {
  /** Active prefill and the prompt. */
  readonly raw: number;
  readonly device: number;
  readonly host: number;
  readonly disk: number;
  readonly shared: number;
  /** Active prefill above the least of all replicas, and whole prompt. */
  readonly backlog: number;
  readonly requestBlocks: number;
  readonly decodeBlocks: number;
  readonly activeRequests: number;
}

type Weights = Omit<Values<typeof parameters>, "index" | "temperature" | "lifetime" | "queueThreshold">;

/** Cost of a replica; the least wins. */
export function dynamoLogit(load: DynamoLoad, weights: Weights): number {
  const { overlapCredit, creditDecay, hostCredit, diskCredit, sharedCredit } = weights;
  const decay = creditDecay > 0 ? 1 / (1 + (creditDecay * load.backlog) / load.requestBlocks) : 1;
  const credit =
    overlapCredit * decay * load.device + hostCredit * load.host + diskCredit * load.disk + sharedCredit * load.shared;
  const prefill = weights.prefillScale * Math.max(0, load.raw - credit);
  return prefill + load.decodeBlocks + weights.requestWeight * load.activeRequests;
}

/** One of the costs by chance: p ~ exp(-(cost - least) / ((most - least) temperature)), alike where all are equal. */
export function drawByCost(costs: ArrayLike<number>, temperature: number, random: RandomStream): number {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < costs.length; at++) {
    least = Math.min(least, costs[at] as number);
    most = Math.max(most, costs[at] as number);
  }
  if (least === most) return random.integer(costs.length);
  const weights = Array.from(costs, (cost) => exp(-(cost - least) / ((most - least) * temperature)));
  let rest = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let at = 0; at < weights.length; at++) {
    rest -= weights[at] as number;
    if (rest < 0) return at;
  }
  return weights.length - 1;
}

class Dynamo implements RoutingPolicy {
  private readonly values: Values<typeof parameters>;
  private readonly random: RandomStream;
  private readonly index: PrefixIndex;
  private readonly books = new Books();
  private readonly active = new ActiveChunks();
  private readonly learnt: LearntPrefixes;
  private cached: Int32Array = new Int32Array(0);
  private busy: Int32Array = new Int32Array(0);

  constructor(values: Values<typeof parameters>, { random, index }: RoutingContext) {
    this.values = values;
    this.random = random;
    this.index = index;
    this.learnt = new LearntPrefixes({
      capacity: Number.POSITIVE_INFINITY,
      scope: "replica",
      lifetime: values.lifetime,
      forgets: "last",
    });
  }

  choose(request: IncomingRequest, replicas: readonly ReplicaView[], now: number): number {
    if (this.full(replicas)) return -1;
    const { chunks } = request;
    this.lookUp(request, replicas, now);
    const floor = this.leastBacklog(replicas);
    const logit = (view: ReplicaView): number => dynamoLogit(this.load(request, view, floor), this.values);
    const chosen = this.pick(replicas, logit);
    const view = replicas.find(({ index }) => index === chosen);
    if (view === undefined) return -1;
    const { device, host, disk } = this.overlap(request, view);
    const effective =
      this.values.overlapCredit * device + this.values.hostCredit * host + this.values.diskCredit * disk;
    const prefill = Math.max(0, request.tokens - effective * view.blockTokens);
    const weight = Math.floor(request.tokens / view.blockTokens) - chunks.length * blocksPerChunk(request, view);
    this.books.enter(request.id, { replica: chosen, prefill, weight });
    this.active.enter(request, chosen);
    if (this.values.index === "routed") this.learnt.insert(chosen, chunks, chunks.length, now);
    return chosen;
  }

  onFirstToken(request: IncomingRequest): void {
    this.books.firstToken(request.id);
  }

  onEnd(request: IncomingRequest): void {
    this.books.leave(request.id);
    this.active.leave(request.id);
  }

  onReset(replica: number): void {
    this.learnt.reset(replica);
  }

  /** Whether every ready replica has more active prefill than the threshold. */
  private full(replicas: readonly ReplicaView[]): boolean {
    return replicas.every(
      ({ index, ready, maxBatchedTokens }) =>
        !ready || this.books.of(index).prefill > this.values.queueThreshold * maxBatchedTokens,
    );
  }

  private lookUp(request: IncomingRequest, replicas: readonly ReplicaView[], now: number): void {
    if (this.busy.length < extent(replicas)) {
      this.busy = new Int32Array(extent(replicas));
      this.cached = new Int32Array(extent(replicas));
    }
    const { chunks } = request;
    this.active.match(chunks, this.busy);
    if (this.values.index === "routed") this.learnt.match(chunks, chunks.length, now, this.cached);
    else for (const { index, ready } of replicas) this.cached[index] = ready ? this.index.matched(index, chunks) : 0;
  }

  private leastBacklog(replicas: readonly ReplicaView[]): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { index, ready } of replicas) if (ready) least = Math.min(least, this.books.of(index).prefill);
    return least;
  }

  private load(request: IncomingRequest, view: ReplicaView, floor: number): DynamoLoad {
    const { index, blockTokens } = view;
    const own = this.books.of(index);
    const blocks = blocksPerChunk(request, view);
    const whole = Math.floor(request.tokens / blockTokens);
    // A prompt's chunks that are in flight there already need no blocks of their own.
    const fresh = Math.max(0, whole - (this.busy[index] ?? 0) * blocks);
    const { device, host, disk, shared } = this.overlap(request, view);
    return {
      raw: (own.prefill + request.tokens) / blockTokens,
      device,
      host,
      disk,
      shared,
      backlog: (own.prefill - floor) / blockTokens,
      requestBlocks: Math.max(1, request.tokens / blockTokens),
      decodeBlocks: this.active.count(index) * blocks + own.weight + fresh,
      activeRequests: own.requests,
    };
  }

  /** Whole blocks of the prompt by where they are; each tier counts what follows the faster ones. */
  private overlap(
    request: IncomingRequest,
    view: ReplicaView,
  ): Pick<DynamoLoad, "device" | "host" | "disk" | "shared"> {
    const { index } = view;
    const chunks = this.cached[index] ?? 0;
    const whole = Math.floor(request.tokens / view.blockTokens);
    const per = blocksPerChunk(request, view);
    const device = Math.min(whole, Math.floor(chunks * per));
    if (this.values.index === "routed" || this.index.matchedBeyond === undefined) {
      return { device, host: 0, disk: 0, shared: 0 };
    }
    const host = per * this.index.matchedBeyond(index, request.chunks, "host");
    const disk = per * this.index.matchedBeyond(index, request.chunks, "disk");
    const shared = per * this.index.matchedBeyond(index, request.chunks, "shared");
    return { device, host, disk, shared };
  }

  private pick(replicas: readonly ReplicaView[], logit: (view: ReplicaView) => number): number {
    if (this.values.temperature === 0) return cheapest(replicas, this.random, logit);
    const ready = replicas.filter((view) => view.ready);
    const drawn = drawByCost(ready.map(logit), this.values.temperature, this.random);
    return ready[drawn]?.index ?? -1;
  }
}

function blocksPerChunk({ chunkTokens }: IncomingRequest, { blockTokens }: ReplicaView): number {
  return chunkTokens / blockTokens;
}
