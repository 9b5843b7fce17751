/** `serving:` how requests are served: engine, layout of a replica, pools, cache tiers, router, scaling, failures. */

import { z } from "zod";
import { choice, count, countOrAuto, expectation, list, quantity, strict, text } from "./fields.ts";
import { type Open, openApart, openable } from "./open.ts";
import { type EngineText, engineField } from "./serving-engine.ts";

/** Replicas of one shape. */
export interface ReplicaText {
  /** `auto`: the fewest that keep the targets; `windtunnel search` answers it. */
  readonly replicas?: number | "auto";
  readonly tensor?: number;
  readonly pipeline?: number;
  readonly expert?: number;
  readonly attentionData?: number;
}

/** Degrees of a replica that a search may answer. */
export type OpenDegree = "tensor" | "pipeline" | "expert" | "attentionData";

export interface ServingPoolText extends ReplicaText {
  readonly role?: "both" | "prefill" | "decode";
  readonly engine?: EngineText;
}

export interface CacheTierText {
  readonly medium: "host-memory" | "nvme" | "remote";
  readonly size: number;
  readonly bandwidth?: number;
  readonly latency?: number;
  readonly write?: "through" | "back" | "selective";
  readonly eviction?: "lru" | "fifo" | "ttl";
  readonly timeToLive?: number;
}

export interface RouterText {
  readonly policy: string;
  readonly options?: Readonly<Record<string, number | string>>;
  readonly signalDelay?: number;
  readonly scrapeInterval?: number;
  readonly eventDelay?: number;
  readonly hop?: number;
}

export interface AutoscalerText {
  readonly policy: string;
  readonly options?: Readonly<Record<string, number | string>>;
  readonly pool?: string;
  readonly min?: number;
  readonly max?: number;
  readonly interval?: number;
  readonly provisioning?: number;
  readonly loading?: number;
}

export interface AdmissionText {
  readonly policy: string;
  readonly options?: Readonly<Record<string, number | string>>;
}

export interface ReplicaFailureText {
  readonly pool?: string;
  readonly replica: number;
  readonly at: number;
  readonly downFor: number;
}

export interface RandomFailuresText {
  readonly timeBetweenFailures: number;
  readonly downFor: number;
}

export interface ServingText extends ReplicaText {
  /** Everything that a search may answer is open where it is not written. */
  readonly configuration?: "auto";
  /** Degrees that are open, put apart. */
  readonly open?: Readonly<Partial<Record<OpenDegree, Open<number>>>>;
  readonly engine?: EngineText;
  readonly pools?: Readonly<Record<string, ServingPoolText>>;
  readonly disaggregation?: {
    readonly threshold?: number;
    readonly bandwidth?: number;
    readonly latency?: number;
    readonly overlap?: "none" | "layers";
  };
  readonly cache?: {
    readonly tiers?: readonly CacheTierText[];
    readonly fetch?: "always" | "cheaper";
    readonly pin?: number;
    readonly peers?: "on" | "off";
  };
  readonly router?: RouterText;
  readonly autoscaler?: AutoscalerText;
  readonly admission?: AdmissionText;
  readonly failures?: readonly ReplicaFailureText[] | RandomFailuresText;
}

const degree = { atLeast: 1, atMost: 1_000_000 };
const time = (description: string) => quantity("seconds", description, { atLeast: 0 });

const replicas = countOrAuto(
  "Replicas of the engine; auto: the fewest that keep the targets (windtunnel search). Default as many as the accelerators hold.",
  degree,
).exactOptional();

const degrees = {
  tensor: count("Tensor-parallel degree of a replica. Default 1.", degree),
  pipeline: count("Pipeline stages of a replica. Default 1.", degree),
  expert: count("Ranks that the experts of a layer are spread over. Default 1: cut as other weights.", degree),
  attentionData: count("Data-parallel attention ranks of a replica, in lockstep. Default 1.", degree),
};

const pool = strict(() => ({
  role: choice(
    ["both", "prefill", "decode"],
    "What its replicas do. Default by its name, if that is prefill or decode, else both.",
  ).exactOptional(),
  replicas,
  tensor: degrees.tensor.exactOptional(),
  pipeline: degrees.pipeline.exactOptional(),
  expert: degrees.expert.exactOptional(),
  attentionData: degrees.attentionData.exactOptional(),
  engine: engineField.exactOptional(),
})).meta({ description: "Replicas of one pool; engine settings replace those of serving.engine one by one." });

const pools = z
  .record(z.string(), pool, { error: expectation({ expected: "an object from pool to its replicas" }) })
  .meta({
    description: "Pools of replicas by name: of the cluster's pools, or parts of one kind of node.",
  });

const disaggregation = strict(() => ({
  threshold: count("Prompts with fewer uncached tokens are computed where they are decoded. Default 0.", {
    atLeast: 0,
  }).exactOptional(),
  bandwidth: quantity(
    "bytesPerSecond",
    "Of the hand-over from one replica. Default that of its network ports.",
  ).exactOptional(),
  latency: time("Of one hand-over. Default that of the fabric.").exactOptional(),
  overlap: choice(
    ["none", "layers"],
    "When keys and values leave: after the prompt, or layer by layer beside it. Default none.",
  ).exactOptional(),
})).meta({ description: "Hand-over from prefill to decode pools." });

const tier = strict(() => ({
  medium: choice(
    ["host-memory", "nvme", "remote"],
    "What keeps the blocks: of a replica's nodes, or a pool that all share.",
  ),
  size: quantity("bytes", "Of one replica; remote: of all together."),
  bandwidth: quantity(
    "bytesPerSecond",
    "One direction, of one replica; remote: of all together. Default for host-memory the links of its accelerators.",
  ).exactOptional(),
  latency: time("Of one transfer. Default 0 s.").exactOptional(),
  write: choice(
    ["through", "back", "selective"],
    "Blocks are written when computed, when evicted above, or when computed and seen before. Default back.",
  ).exactOptional(),
  eviction: choice(["lru", "fifo", "ttl"], "Who leaves a full tier first. Default lru.").exactOptional(),
  timeToLive: quantity("seconds", "ttl: blocks leave so long after their last use.").exactOptional(),
})).meta({ description: "A tier below the accelerators' memory." });

const cache = strict(() => ({
  tiers: list(tier, "Tiers, from the nearest down.").exactOptional(),
  fetch: choice(
    ["always", "cheaper"],
    "Blocks found in a tier are fetched, or computed again where that is quicker. Default always.",
  ).exactOptional(),
  pin: quantity(
    "seconds",
    "Blocks of a session stay so long after its answer, over a tool's wait. Default not.",
  ).exactOptional(),
  peers: choice(["on", "off"], "Blocks may be fetched from other replicas. Default off.").exactOptional(),
})).meta({ description: "Prefix cache beyond the engine's own." });

const options = z
  .record(z.string(), z.union([z.number(), z.string()]), {
    error: expectation({ expected: "an object from option to value" }),
  })
  .meta({ description: "Options of the policy by name; those left out have the policy's defaults." });

/** A policy by its name, or with more. */
function policyOr<Value>(object: z.ZodType, description: string, example: string): z.ZodType<Value> {
  return z
    .union([z.string(), object], {
      error: expectation({ expected: "the name of a policy, or an object", hint: example }),
    })
    .transform((found): Value => (typeof found === "string" ? { policy: found } : found) as Value)
    .meta({ description }) as unknown as z.ZodType<Value>;
}

const router = strict(() => ({
  policy: text("Name of the policy (`windtunnel catalog router`)."),
  options: options.exactOptional(),
  signalDelay: time("Short for scrapeInterval and eventDelay, where they are not given.").exactOptional(),
  scrapeInterval: time("Time from one look at a replica's metrics to the next.").exactOptional(),
  eventDelay: time("Age of cache events when the router gets them.").exactOptional(),
  hop: time("Time through the router, added to every request.").exactOptional(),
}));

const autoscaler = strict(() => ({
  policy: text("Name of the policy (`windtunnel catalog autoscaler`)."),
  options: options.exactOptional(),
  pool: text("The pool that grows and shrinks. Default the only one.").exactOptional(),
  min: count("Replicas at least. Default 1.", { atLeast: 0 }).exactOptional(),
  max: count("Replicas at most. Default those of the pool.").exactOptional(),
  interval: quantity("seconds", "Time from one decision to the next. Default 15 s.").exactOptional(),
  provisioning: time("From a decision until a machine is there. Default 0 s.").exactOptional(),
  loading: time("Start of the engine with its weights.").exactOptional(),
}));

const admission = strict(() => ({
  policy: text("Name of the policy (`windtunnel catalog admission`)."),
  options: options.exactOptional(),
}));

const failure = strict(() => ({
  pool: text("Its pool. Default the only one.").exactOptional(),
  replica: count("Number of the replica in its pool, from 0.", { atLeast: 0 }),
  at: time("When it is lost, with its cache."),
  downFor: quantity("seconds", "Until it takes requests again."),
}));
const randomFailures = strict(() => ({
  timeBetweenFailures: quantity("seconds", "Mean time between failures of one replica."),
  downFor: quantity("seconds", "Until it takes requests again."),
}));

const sections = () => ({
  configuration: choice(
    ["auto"],
    "Degrees, replicas, maxSequences and maxBatchedTokens that are not written: for windtunnel search.",
  ).exactOptional(),
  engine: engineField.exactOptional(),
  replicas,
  tensor: openable(degrees.tensor).exactOptional(),
  pipeline: openable(degrees.pipeline).exactOptional(),
  expert: openable(degrees.expert).exactOptional(),
  attentionData: openable(degrees.attentionData).exactOptional(),
  pools: pools.exactOptional(),
  disaggregation: disaggregation.exactOptional(),
  cache: cache.exactOptional(),
  router: policyOr<RouterText>(
    router,
    "Who gets a request: a policy by name, or an object.",
    "router: kv-aware",
  ).exactOptional(),
  autoscaler: policyOr<AutoscalerText>(
    autoscaler,
    "Replicas over time: none, or a policy. Default none.",
    "autoscaler: { policy: target-utilization, min: 1, max: 8 }",
  ).exactOptional(),
  admission: policyOr<AdmissionText>(
    admission,
    "Who is let in before the router: a policy by name, or an object. Default always.",
    "admission: { policy: queue-limit }",
  ).exactOptional(),
  failures: z
    .union([z.array(failure).min(1), randomFailures], {
      error: expectation({ expected: "a list of failures, or { timeBetweenFailures, downFor }" }),
    })
    .meta({ description: "Replicas that are lost: a list, or at random." })
    .exactOptional(),
});

/** The serving section, its open degrees put apart. */
export const servingField: z.ZodType<ServingText> = strict(
  sections,
  'e.g. serving: { engine: { name: vllm, version: "0.19" }, replicas: 4, tensor: 2 }',
)
  .transform(({ tensor, pipeline, expert, attentionData, ...rest }) => {
    const written = Object.entries({ tensor, pipeline, expert, attentionData }).filter(
      ([, value]) => value !== undefined,
    );
    return { ...rest, ...openApart(Object.fromEntries(written)) };
  })
  .meta({
    description: "Engine, layout of a replica, pools, cache, router, autoscaler.",
  }) as unknown as z.ZodType<ServingText>;
